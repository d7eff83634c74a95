"""The reference: the notebook, cell by cell, in a clean kernel of the user's interpreter."""

import os
import re
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nb2pipe.errors import EnvironmentFault
from nb2pipe.notebooks import Cell, Lifted

from . import files
from .place import Place
from .processes import MARK, nothing_left
from .records import Display, Failure, RunRecord
from .scratch import check_room
from .surroundings import border, environment, events, seen, value

_PROBE = '__import__("sys").modules["_nb2pipe_probe.starting"]'
_INSTALL_NAMES = frozenset("pip pip3 conda mamba micromamba uv apt apt-get yum dnf brew easy_install".split())
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_LINES = (re.compile(r"Cell In\[\d+\], line (\d+)"), re.compile(r"^-+> (\d+) ", re.MULTILINE))


def run_notebook(
    cells: Sequence[Lifted],
    borders: Collection[int],
    place: Place,
    skip: Collection[str] = (),
    is_observed: bool = False,
) -> RunRecord:
    """Run the cells in this order; variables are told after the cells whose number is in `borders`, and at the end.

    `skip`: names that are only ever imported. `is_observed`: every cell tells what it did beside its results: files,
    sizes, seconds. EnvironmentFault: the kernel died, or a cell took too long.
    """
    place.scratch.fresh()
    before = place.scratch.snapshot()
    surroundings = environment(place.scratch, place.controls, {"skip": sorted(skip)}, None)
    with nothing_left(surroundings[MARK]):
        kernel = _Kernel(place, surroundings, is_observed)
        sources = [blanked(lifted) for lifted in cells]
        record = kernel.run([lifted.cell for lifted in cells], sources, frozenset(borders))
    check_room(place.scratch, record.failure.value if record.failure else "")
    return replace(
        record, files=files.written(place.scratch, before), asked=frozenset({*borders, cells[-1].cell.number})
    )


def observe_notebook(cells: Sequence[Lifted], place: Place, skip: Collection[str] = ()) -> RunRecord:
    """Run the cells; every cell tells its variables, and what it did beside its results."""
    return run_notebook(cells, [one.cell.number for one in cells], place, skip, is_observed=True)


def blanked(lifted: Lifted) -> str:
    """The cell's source with its installs made `pass`: they are no part of the result."""
    lines = lifted.cell.source.split("\n")
    for use in lifted.magics:
        if use.kind not in ("line", "shell", "shell-assign") or not 0 < use.line <= len(lines):
            continue
        line = lines[use.line - 1]
        if _installs(use.name, lifted, use.line):
            indent = line[: len(line) - len(line.lstrip())]
            lines[use.line - 1] = f"{indent}{use.target} = []" if use.target else f"{indent}pass"
    return "\n".join(lines)


def _installs(name: str, lifted: Lifted, line: int) -> bool:
    """Whether the converter left this line out as an install."""
    if name in _INSTALL_NAMES:
        return True
    said = lifted.python.split("\n")
    return (
        bool(lifted.python)
        and line <= len(said)
        and "__kernel__" not in said[line - 1]
        and _notes_install(lifted)
    )


def _notes_install(lifted: Lifted) -> bool:
    return any("does not run; requirements.txt" in note for note in lifted.notes)


@dataclass(slots=True)
class _Output:
    """What the messages of one cell said."""

    cell: int
    stdout: list[str]
    shown: list[Mapping[str, str]]
    error: Failure | None = None


class _Kernel:
    """One kernel for one run."""

    def __init__(self, place: Place, surroundings: dict[str, str], is_observed: bool) -> None:
        self.is_observed = is_observed
        self.python = place.python
        self.scratch = place.scratch
        self.surroundings = surroundings
        self.timeout = place.timeout
        self.outputs: list[_Output] = []

    def run(self, cells: Sequence[Cell], sources: Sequence[str], borders: frozenset[int]) -> RunRecord:
        client = _client(self, cells, sources)
        started = time.monotonic()
        failure = None
        with _Faults(self), client.setup_kernel(**self._place()):
            self._ask(client, f"{_PROBE}.in_kernel()")
            if self.is_observed:
                self._ask(client, f"{_PROBE}.side.watch({str(self.scratch.work)!r})")
            for index, cell in enumerate(cells):
                failure = self._run_cell(client, index, cell)
                if self.is_observed:
                    self._ask(client, f"{_PROBE}.side.seen({cell.number})")
                if failure is not None or cell.number in borders or index == len(cells) - 1:
                    self._ask(client, f"{_PROBE}.side.border({cell.number})")
                if failure is not None:
                    break
            seconds = time.monotonic() - started
        return self._record(failure, seconds)

    def _place(self) -> dict[str, Any]:
        """Where and how the kernel's process starts; what it logs is for nobody."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return {"cwd": str(self.scratch.folder), "env": self.surroundings, **quiet}

    def _run_cell(self, client: Any, index: int, cell: Cell) -> Failure | None:
        from nbclient.exceptions import CellExecutionError, CellTimeoutError

        self.outputs.append(_Output(cell.number, [], []))
        if cell.is_skipped:
            return None
        self._ask(client, f"{_PROBE}.side.begin({cell.number})")
        try:
            client.execute_cell(client.nb.cells[index], index)
        except CellTimeoutError:
            hint = "give it more with --timeout"
            raise EnvironmentFault(
                f"cell {cell.number} took longer than {self.timeout:g} s; {hint}"
            ) from None
        except CellExecutionError as error:
            return self.outputs[-1].error or Failure(error.ename, error.evalue, cell.number)
        return None

    def _ask(self, client: Any, code: str) -> None:
        """A hidden request: it takes no number, leaves no history, and prints nothing."""
        message = client.kc.execute(code, silent=True, store_history=False, allow_stdin=False)
        reply = client.wait_for_reply(message)
        if reply is None or reply["content"].get("status") != "ok":
            why = reply["content"].get("evalue", "") if reply else "no answer"
            check_room(self.scratch, why)
            raise EnvironmentFault(
                f"the variables cannot be observed in the kernel of {self.python.exe}: {why}"
            )

    def _record(self, failure: Failure | None, seconds: float) -> RunRecord:
        told = list(events(self.scratch))
        borders = tuple(border(one) for one in told if one["event"] == "border")
        values = [one for one in told if one["event"] == "display"]
        shown = [(output.cell, data) for output in self.outputs for data in output.shown]
        pictures = shown if len(shown) == len(values) else [(0, {})] * len(values)
        displays = tuple(
            Display(value(one), one.get("cell") or cell, data)
            for one, (cell, data) in zip(values, pictures, strict=True)
        )
        errors = tuple(
            output.error for output in self.outputs if output.error and output.error is not failure
        )
        return RunRecord(
            mode="notebook",
            stdout=tuple((output.cell, "".join(output.stdout)) for output in self.outputs),
            borders=borders,
            displays=displays,
            files={},
            failure=failure,
            exceptions=errors,
            seconds=round(seconds, 3),
            seen=tuple(seen(one) for one in told if one["event"] == "seen"),
            probe_seconds=round(sum(one.get("probe_seconds", 0.0) for one in told), 3),
        )


class _Faults:
    """Turns what goes wrong with a kernel into one sentence."""

    def __init__(self, kernel: _Kernel) -> None:
        self.kernel = kernel

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from nbclient.exceptions import DeadKernelError

        cell = self.kernel.outputs[-1].cell if self.kernel.outputs else 0
        where = f"in cell {cell}" if cell else "before the first cell"
        if isinstance(error, DeadKernelError):
            raise EnvironmentFault(
                f"the kernel died {where}: out of memory, a crash of a library, or os._exit()"
            ) from None
        if isinstance(error, RuntimeError) and not self.kernel.outputs:
            raise EnvironmentFault(f"no kernel starts in {self.kernel.python.exe}: {error}") from None


def _client(kernel: _Kernel, cells: Sequence[Cell], sources: Sequence[str]) -> Any:
    """An nbclient that starts this interpreter's kernel and keeps every message."""
    from nbclient import client as nbclient

    class Client(nbclient.NotebookClient):
        def create_kernel_manager(self) -> Any:
            self.km = _manager(kernel)
            return self.km

        def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
            _keep(kernel.outputs[-1], msg)
            return super().process_message(msg, cell, cell_index)

    return Client(
        _notebook(vars(nbclient)["NotebookNode"], cells, sources),
        timeout=kernel.timeout,
        startup_timeout=120,
        shutdown_kernel="graceful",
        store_widget_state=False,
    )


def _manager(kernel: _Kernel) -> Any:
    """What starts this interpreter's kernel, and talks to it."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    transport = "ipc" if os.name == "posix" else "tcp"  # nobody else on the machine can listen
    manager = AsyncKernelManager(
        connection_file=str(kernel.scratch.home / "kernel.json"), transport=transport
    )
    argv = [kernel.python.exe, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    # The one way to start a kernel that is installed nowhere.
    manager._kernel_spec = KernelSpec(argv=argv, display_name="Python", language="python")  # noqa: SLF001
    return manager


def _notebook(node: Any, cells: Sequence[Cell], sources: Sequence[str]) -> Any:
    """The cells as nbclient takes them, in its class for nodes."""
    nodes = [
        node(
            cell_type="code",
            id=f"c{cell.number}",
            source=source,
            metadata=node(tags=sorted(cell.tags)),
            outputs=[],
            execution_count=None,
        )
        for cell, source in zip(cells, sources, strict=True)
    ]
    return node(nbformat=4, nbformat_minor=5, metadata=node(), cells=nodes)


def _keep(output: _Output, message: Mapping[str, Any]) -> None:
    content = message["content"]
    if message["msg_type"] == "stream" and content["name"] == "stdout":
        output.stdout.append(content["text"])
    elif message["msg_type"] in ("display_data", "execute_result", "update_display_data"):
        output.shown.append({kind: data for kind, data in content["data"].items() if isinstance(data, str)})
    elif message["msg_type"] == "error":
        trace = _ANSI.sub("", "\n".join(content["traceback"]))
        found = next((match for pattern in _LINES if (match := pattern.search(trace))), None)
        line = int(found.group(1)) if found else 0
        output.error = Failure(content["ename"], _ANSI.sub("", content["evalue"]), output.cell, line)
