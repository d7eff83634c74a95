"""A real IPython session for stages that only IPython understands.

The cells run one by one in the notebook's namespace, numbered, with `In`, `Out` and
`_`. What a kernel would send to its front end goes to the run's folder or to stderr.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

try:
    from IPython.core import page
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets import Any as AnyTrait
    from traitlets import Type
    from traitlets.config import Config
except ImportError:
    raise ImportError(
        "a stage of this pipeline is written in IPython's syntax: pip install ipython"
    ) from None

from . import kernel
from .runner import Reported, StageError

if TYPE_CHECKING:
    from .runner import Session, Stage


# Extensions that remember nothing: a later stage may load them again.
_FORGETFUL = frozenset(
    ["autoreload", "line_profiler", "memory_profiler", "tensorboard", "watermark"]
)


class _Hook(DisplayHook):
    """Keeps the value of a cell's last expression, and prints nothing."""

    def write_output_prompt(self) -> None:
        """No prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """The value goes to the run's folder."""
        kernel.publish_display_data(format_dict, md_dict)

    def finish_displayhook(self) -> None:
        """No empty line."""
        self._is_active = False


class _Publisher(DisplayPublisher):
    """Keeps displayed values, and prints nothing."""

    def publish(self, data: Any, metadata: Any = None, *args: Any, **more: Any) -> None:
        """The value goes to the run's folder."""
        kernel.publish_display_data(data, metadata)

    def clear_output(self, wait: bool = False) -> None:
        """Printed text stays printed."""


class _Kernel:
    """Stands for the kernel that some libraries look for."""

    eventloop = None


class ZMQInteractiveShell(InteractiveShell):
    """The shell, under the name that libraries know from a kernel."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    kernel = AnyTrait(_Kernel())

    def enable_gui(self, gui: Any = None) -> None:
        """There is no window system to connect to."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        sys.stdout.flush()
        print(self.InteractiveTB.stb2text(stb), file=sys.stderr)

    def ask_exit(self) -> None:
        """`exit` in a cell."""


class IPythonSession:
    """The shell of one run, shared by all its stages that need one."""

    def __init__(self, session: Session) -> None:
        self.session = session
        names_before = set(vars(builtins))
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = _no_colors()
        config.InteractiveShell.xmode = "Context"
        config.IPKernelApp.tqdm = "a sign that this is a notebook"
        ZMQInteractiveShell.clear_instance()
        self.shell = ZMQInteractiveShell.instance(
            user_module=session.module, config=config
        )
        self.shell.set_hook("show_in_pager", page.as_hook(_show_in_pager), 99)
        self._loaded = self.shell.extension_manager.loaded
        for name in ("storemagic", *session.extensions):
            self.shell.extension_manager.load_extension(name)
        self._added_builtins = set(vars(builtins)) - names_before
        kernel.use_shell(self.shell)

    def close(self) -> None:
        """Leave the process as it was."""
        kernel.use_shell(None)
        self.shell.restore_sys_module_state()
        ZMQInteractiveShell.clear_instance()
        for name in self._added_builtins & vars(builtins).keys():
            delattr(builtins, name)

    def extensions(self) -> list[str]:
        """The extensions that the notebook loaded."""
        names = {name.rpartition(".")[2] for name in self._loaded}
        return sorted(names - {"storemagic"})

    def is_forgettable(self) -> bool:
        """Whether a later stage can have a session of its own."""
        return set(self.extensions()) <= _FORGETFUL

    def run_stage(self, stage: Stage, path: Path) -> None:
        """Run the cells of a file; StageError names the one that fails."""
        for number, may_raise, source in cells(path.read_text(encoding="utf-8")):
            error = self._run_cell(source)
            sys.stdout.flush()
            self.session.in_context(kernel.end_cell)
            if isinstance(error, KeyboardInterrupt):
                raise error
            if error is not None and not may_raise:
                raise StageError(stage, number) from Reported(
                    f"{type(error).__name__}: {error}"
                )

    def _run_cell(self, source: str) -> BaseException | None:
        shell = self.shell
        problem, transformed = None, source
        try:
            transformed = shell.transform_cell(source)
        except Exception:  # noqa: BLE001
            problem = sys.exc_info()
        more = {"transformed_cell": transformed, "preprocessing_exc_tuple": problem}
        if shell.should_run_async(source, **more):
            coroutine = shell.run_cell_async(source, store_history=True, **more)
            result = self.session.wait_for(coroutine)
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
        else:
            result = self.session.in_context(shell.run_cell, source, store_history=True)
        return result.error_before_exec or result.error_in_exec


def open_shell(session: Session) -> IPythonSession:
    """The session's IPython shell."""
    with contextlib.suppress(ImportError):
        importlib.import_module("ipykernel")  # notebooks look whether it is there
    return IPythonSession(session)


def cells(text: str) -> Iterator[tuple[int, bool, str]]:
    """The cells of a file: number, whether it may raise, source.

    The first line names the dashes that mark where cells begin.
    """
    first, _, rest = text.partition("\n")
    dashes = re.escape(first.partition(":")[2].strip())
    start = re.compile(rf"^# {dashes} cell (\d+)(, may raise)? {dashes}$", re.MULTILINE)
    found = list(start.finditer(rest))
    ends = [one.start() - 1 for one in found[1:]] + [len(rest)]
    for one, end in zip(found, ends):
        source = rest[one.end() + 1 : end].rstrip("\n")
        if source.strip():
            yield int(one[1]), bool(one[2]), source


def _show_in_pager(text: Any, start: int = 0, *args: Any, **more: Any) -> None:
    """A kernel sends such text to its front end."""
    kernel.publish_display_data(
        text if isinstance(text, dict) else {"text/plain": text}
    )


def _no_colors() -> str:
    import IPython

    return "nocolor" if IPython.version_info[0] >= 9 else "NoColor"
