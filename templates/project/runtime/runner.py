"""The stages of a pipeline, and how they run in one process.

All variables live in one module, as they do in a notebook: it is called `__main__`
while the pipeline runs. A function stage gets its inputs from there as arguments and
its results are put there; a script stage is run there.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import contextvars
import importlib.machinery
import os
import sys
import traceback
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import after_import, kernel, loading
from .run_folder import NoFolderError
from .unbound import UNBOUND, call

_INLINE_BACKEND = "module://matplotlib_inline.backend_inline"
# What a kernel tells the programs that it starts.
_KERNEL_ENVIRONMENT = {
    "TERM": "xterm-color",
    "CLICOLOR": "1",
    "FORCE_COLOR": "1",
    "CLICOLOR_FORCE": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
}


@dataclass
class Stage:
    """One stage: what it needs, what it makes, and which cells it comes from."""

    name: str
    kind: str = "function"  # or "script"
    cells: Sequence[int] = ()
    inputs: Sequence[str] = ()
    params: Sequence[str] = ()
    outputs: Sequence[str] = ()
    perhaps: Sequence[str] = ()  # inputs that are bound unless a loop never ran
    deletes: Sequence[str] = ()
    carries: Sequence[str] = ()  # ambient state that it reads or changes
    shows: Sequence[str] = ()
    reads: Sequence[str] = ()  # files
    writes: Sequence[str] = ()
    ipython: bool = False  # a script in IPython's syntax
    may_raise: bool = False  # its cell is expected to fail; the run goes on

    def __str__(self) -> str:
        many = "s" if len(self.cells) > 1 else ""
        cells = ", ".join(map(str, self.cells))
        return f"stage {self.name} (cell{many} {cells})" if cells else self.name


@dataclass
class Pipeline:
    """The whole pipeline: its stages in order, and its parameters with defaults."""

    package: str
    stages: Sequence[Stage] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    constants: Sequence[str] = ()  # parameters that are names of the notebook, too
    definitions: Sequence[str] = ()  # names in functions.py
    held: Sequence[
        str
    ] = ()  # names that functions of scripts read when they are called
    one_process: str = ""  # why stages must share a process
    kept_open: Sequence[str] = ()  # names of files and folders that go when dropped
    patched: Sequence[str] = ()  # attributes of modules that the notebook sets
    imports: Sequence[str] = ()
    params_digest: str = ""  # of the params.yaml that holds the defaults

    def run(self, parameters: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Run all stages here; the outputs of all of them, as the notebook leaves them."""
        from . import parameters as typed
        from . import run_folder

        values = typed.checked(self, parameters or {})
        folder = run_folder.RunFolder(self, values)
        with Session(self, values, folder.path) as session:
            for stage in self.stages:
                session.run(stage)
            return session.outputs()

    @property
    def always(self) -> list[str]:
        """Names that every process has without being told."""
        return [*self.definitions, *self.constants, *self.held]

    def stage(self, name: str) -> Stage:
        """The stage of this name."""
        return next(stage for stage in self.stages if stage.name == name)


class StageError(Exception):
    """A stage failed; the notebook's own error is the cause."""

    def __init__(self, stage: Stage, cell: int | None = None) -> None:
        where = f"stage {stage.name} (cell {cell})" if cell else str(stage)
        super().__init__(f"{where} failed")

    def report(self) -> str:
        """The sentence, and the traceback of the notebook's code."""
        cause = self.__cause__
        if cause is None:
            return str(self)
        if isinstance(cause, Reported):
            return f"{self}: {cause}"
        own = Path(__file__).parent
        frames = cause.__traceback__
        while frames is not None and frames.tb_next is not None:
            name = frames.tb_frame.f_code.co_filename
            if Path(name).parent != own and not name.startswith("<frozen importlib"):
                break
            frames = frames.tb_next
        lines = traceback.format_exception(type(cause), cause, frames)
        return f"{''.join(lines)}{self}"


class Reported(Exception):
    """An error whose traceback is printed already."""


class Session:
    """The notebook's namespace, for the time of one run."""

    def __init__(
        self,
        pipeline: Pipeline,
        values: Mapping[str, Any],
        folder: Callable[[], Path] | None,
    ) -> None:
        self.pipeline = pipeline
        self.values = dict(values)
        self.folder = folder
        self.module = new_namespace()
        self.names = vars(self.module)
        self.context = contextvars.copy_context()
        self.loop = asyncio.new_event_loop()
        self.shell: Any = None
        self.extensions: list[str] = []  # of IPython, that the notebook loaded
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> Session:  # noqa: PYI034
        with contextlib.ExitStack() as undo:
            is_inline = not os.environ.get("MPLBACKEND")
            undo.callback(self._close)
            undo.enter_context(_replaced(sys.modules, "__main__", self.module))
            undo.enter_context(_changed_environment())
            undo.enter_context(after_import.watching())
            kernel.begin(self.folder, is_inline)
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._undo.close()

    def _close(self) -> None:
        kernel.end_cell()
        kernel.begin(None, False)
        if self.shell is not None:
            self.shell.close()
        if not self.loop.is_running():
            self.loop.close()

    def prepare(self) -> None:
        """Bind what is there before the first cell: definitions and constants."""
        if "functions" not in vars(self) and self.pipeline.definitions:
            self.functions = self.in_context(self._import, "functions")
            for name in self.pipeline.definitions:
                self.names.setdefault(name, getattr(self.functions, name))
        for name in self.pipeline.constants:
            self.names.setdefault(name, self.values[name])

    def run(self, stage: Stage) -> None:
        """Run one stage; StageError where the notebook's code fails."""
        if not self.names.get("__builtin__"):
            self.names["__builtin__"] = builtins
        try:
            if stage is self.pipeline.stages[0]:
                self.prepare()
            self._run(stage)
        except (StageError, KeyboardInterrupt, NoFolderError):
            raise
        except BaseException as error:
            if not stage.may_raise:
                raise StageError(stage) from error
            sys.stdout.flush()
            traceback.print_exception(type(error), error, error.__traceback__)
        finally:
            self.in_context(kernel.end_cell)

    def _run(self, stage: Stage) -> None:
        if stage.ipython:
            self._run_session(stage)
        elif stage.kind == "script":
            self.in_context(run_script, self._path(stage), self.module)
        else:
            self._run_function(stage)

    def ready(self, stage: Stage) -> None:
        """Import what a stage imports, before it runs."""
        if stage.kind == "function":
            self._module(stage)

    def _module(self, stage: Stage) -> types.ModuleType:
        return self.in_context(self._import, f"stages.{stage.name}")

    def _run_function(self, stage: Stage) -> None:
        function = getattr(self._module(stage), stage.name)
        arguments = {
            name: UNBOUND
            if name in stage.perhaps and name not in self.names
            else self._value(name)
            for name in stage.inputs
        }
        arguments.update((name, self._parameter(name)) for name in stage.params)
        result = self.in_context(call, function, arguments, stage.outputs)
        if isinstance(result, types.CoroutineType):
            result = self.wait_for(result)
        outputs = [result] if len(stage.outputs) == 1 else result
        for name, value in zip(stage.outputs, outputs or ()):
            if value is not UNBOUND:
                self.names[name] = value
        for name in stage.deletes:
            self.names.pop(name, None)

    def _run_session(self, stage: Stage) -> None:
        if self.shell is None:
            from . import shell_session

            self.shell = shell_session.open_shell(self)
        self.shell.run_stage(stage, self._path(stage))
        if len(self.pipeline.stages) > 1 and self.shell.is_forgettable():
            self.extensions = self.shell.extensions()
            self.shell.close()
            self.shell = None

    def in_context(self, function: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """Call it as a kernel would: in a running event loop, in one context."""

        def call() -> Any:
            asyncio._set_running_loop(self.loop)
            try:
                return function(*args, **more)
            finally:
                asyncio._set_running_loop(None)

        asyncio.set_event_loop(self.loop)
        try:
            return self.context.run(call)
        finally:
            if not self.loop.is_closed() and asyncio.all_tasks(self.loop):
                self.wait_for(asyncio.sleep(0))

    def wait_for(self, coroutine: Any) -> Any:
        """The result of a coroutine, run on the session's loop."""
        task = self.loop.create_task(coroutine, **self._task_options())
        return self.loop.run_until_complete(task)

    def _task_options(self) -> dict[str, Any]:
        """Tasks share the session's context where Python lets them (3.11)."""
        return {"context": self.context} if hasattr(asyncio, "Runner") else {}

    def outputs(self) -> dict[str, Any]:
        """The outputs of all stages that are bound now."""
        names = dict.fromkeys(
            name for one in self.pipeline.stages for name in one.outputs
        )
        return {name: self.names[name] for name in names if name in self.names}

    def _value(self, name: str) -> Any:
        for names in (self.names, vars(builtins)):
            if name in names:
                return names[name]
        raise NameError(f"name {name!r} is not defined")

    def _parameter(self, name: str) -> Any:
        return self.names.get(name, self.values[name])

    def _import(self, name: str) -> types.ModuleType:
        return loading.load(f"{self.pipeline.package}.{name}")

    def _path(self, stage: Stage) -> Path:
        suffix = "ipy" if stage.ipython else "py"
        return Path(__file__).parents[1] / "stages" / f"{stage.name}.{suffix}"


def new_namespace() -> types.ModuleType:
    """An empty namespace, as a notebook's first cell finds it."""
    module = types.ModuleType("__main__")
    module.__doc__ = "Automatically created module for IPython interactive environment"
    vars(module).update(__builtin__=builtins, __builtins__=builtins)
    return module


def run_script(path: Path, module: types.ModuleType) -> None:
    """Run a file in a namespace that exists already."""
    loader = importlib.machinery.SourceFileLoader("__main__", str(path))
    code = loader.get_code("__main__")
    if code is not None:
        loader.exec_module(module)


@contextlib.contextmanager
def _replaced(table: Any, key: str, value: Any) -> Iterator[None]:
    before = table.get(key)
    table[key] = value
    try:
        yield
    finally:
        if before is None:
            table.pop(key, None)
        else:
            table[key] = before


def kernel_environment() -> dict[str, str]:
    """The environment variables that a kernel sets."""
    backend = os.environ.get("MPLBACKEND") or _INLINE_BACKEND
    return {**_KERNEL_ENVIRONMENT, "MPLBACKEND": backend}


@contextlib.contextmanager
def _changed_environment() -> Iterator[None]:
    """The environment variables, arguments and path that a kernel's code sees."""
    environment, argv, path = dict(os.environ), sys.argv, list(sys.path)
    os.environ.update(kernel_environment())
    sys.argv = ["ipykernel_launcher.py", "-f", "kernel.json"]
    sys.argv.append("--HistoryManager.hist_file=:memory:")
    vars(sys).update(ps1="In : ", ps2="...: ")  # a kernel is interactive
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        sys.argv, sys.path[:] = argv, path
        del sys.ps1, sys.ps2


def progress(
    pipeline: Pipeline, number: int, stage: Stage, seconds: float, how: str = ""
) -> None:
    """A line for each stage, where somebody watches."""
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stdout.flush()
        how = how or f"{seconds:.1f} s"
        text = f"[{number}/{len(pipeline.stages)}] {stage.name} {how}"
        print(text, file=sys.stderr)


def main(pipeline: Pipeline, argv: Sequence[str] | None = None) -> int:
    """The command line: `python -m <package> run | stage | graph | params`."""
    from . import command

    return command.main(pipeline, sys.argv[1:] if argv is None else argv)
