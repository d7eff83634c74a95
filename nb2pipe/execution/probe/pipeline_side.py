"""What is done inside the processes of a generated pipeline: stages tell of their variables when they end."""

from __future__ import annotations

import ast
import functools
import importlib.machinery
import os
import sys
from typing import TYPE_CHECKING, Any

from . import recording
from .imports import after_import

if TYPE_CHECKING:
    from .recording import Recorder

LEAVE = "__nb2pipe_leave__"


class PipelineSide:
    """Watches the modules of one generated package."""

    def __init__(self, recorder: Recorder, names: list[str]) -> None:
        self.recorder = recorder
        self.names = frozenset(names)
        self.at_start = {name.partition(".")[0] for name in sys.modules}
        package = recorder.package
        after_import(f"{package}.runner.kernel", self._watch_displays)
        after_import(f"{package}.runner.shell_session", self._watch_session)
        after_import("subprocess", _pass_on)
        self._watch_stages()

    def _leave(self, stage: str) -> None:
        frame = sys._getframe(1)
        error = sys.exc_info()[1]
        if error is not None and not _passed(error, frame):
            error = None
        frame_values = dict(frame.f_locals)
        self._tell(stage, frame_values, error)

    def _tell(self, stage: str, frame_values: dict[str, Any], error: BaseException | None) -> None:
        main = sys.modules.get("__main__")
        namespace = dict(vars(main)) if main is not None else {}
        chosen = {name: value for name, value in {**namespace, **frame_values}.items() if name in self.names}
        event = {"event": "stage", "stage": stage, "error": _error(error), **self.recorder.values(chosen)}
        event["frame"] = sorted(name for name in frame_values if name in chosen)
        event["old"] = {
            name: self.recorder.value(namespace[name], with_parts=False)["digest"]
            for name in event["frame"]
            if name in namespace and namespace[name] is not frame_values[name]
        }
        event["modules"] = sorted({name.partition(".")[0] for name in list(sys.modules)} - self.at_start)
        self.recorder.write(event)

    def _watch_stages(self) -> None:
        """A stage is a file that runs under the name `__main__`: a script in the notebook's namespace, or a module."""
        loader_class: Any = importlib.machinery.SourceFileLoader
        real = loader_class.exec_module
        side = self

        @functools.wraps(real)
        def exec_module(self: Any, module: Any) -> None:
            folder, name = os.path.split(self.path)
            if self.name != "__main__" or os.path.basename(folder) != "stages":
                real(self, module)
            elif module is sys.modules.get("__main__"):
                side._run_script(name[: -len(".py")], lambda: real(self, module))
            else:
                side._run_module(name[: -len(".py")], self, module, lambda: real(self, module))

        loader_class.exec_module = exec_module

    def _run_script(self, stage: str, run: Any) -> None:
        error: BaseException | None = None
        try:
            run()
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._tell(stage, {}, error)

    def _run_module(self, stage: str, loader: Any, module: Any, run: Any) -> None:
        """Run the module with its stage function made to tell when it ends; its lines stay."""

        def compiled(data: Any, path: str, **_more: Any) -> Any:
            tree = ast.parse(data, path)
            for node in tree.body:
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == stage:
                    _wrap_body(node)
            return compile(tree, path, "exec", dont_inherit=True)

        loader.source_to_code = compiled
        module.__dict__[LEAVE] = self._leave
        run()
        function = module.__dict__.get(stage)
        if hasattr(function, "__code__"):
            recording.know_stage(function.__code__)

    def _watch_session(self, module: Any) -> None:
        """IPython script stages: the shell's displays, each cell's exception, and the variables at the end."""
        kind, tell, recorder = module.IPythonSession, self._tell, self.recorder
        real_begin, run_stage, run_cell = kind.__init__, kind.run_stage, kind._run_cell
        raised: list[BaseException | None] = [None]

        @functools.wraps(real_begin)
        def begin(session: Any, *args: Any) -> None:
            real_begin(session, *args)
            recording.watch_formatter(session.shell, recorder, recorder.displayed)

        @functools.wraps(run_cell)
        def watched_cell(session: Any, *args: Any) -> Any:
            raised[0] = run_cell(session, *args)
            if raised[0] is not None:
                recorder.write({"event": "exception", "stage": "", "error": _error(raised[0])})
            return raised[0]

        @functools.wraps(run_stage)
        def watched_stage(session: Any, stage: Any, path: Any) -> None:
            failed = True
            try:
                run_stage(session, stage, path)
                failed = False
            finally:
                tell(stage.name, {}, raised[0] if failed else None)

        kind.__init__, kind._run_cell, kind.run_stage = begin, watched_cell, watched_stage

    def _watch_displays(self, module: Any) -> None:
        recorder = self.recorder
        for name in ("display", "show_result"):
            setattr(module, name, _watched(recorder, getattr(module, name), module))
        real = module.markup

        @functools.wraps(real)
        def markup(kind: str, text: str) -> Any:
            if not _is_captured(module):
                recorder.write({"event": "display", **recording.markup(kind, text), "summary": kind})
            with recorder.displaying():
                return real(kind, text)

        module.markup = markup


def _pass_on(module: Any) -> None:
    """The runner gives the processes of its stages a path of their own: the probe must be found on it."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    real = module.Popen.__init__

    @functools.wraps(real)
    def begin(self: Any, *args: Any, **more: Any) -> None:
        environment = more.get("env")
        if environment and "NB2PIPE_PROOF" in environment:
            entries = environment.get("PYTHONPATH", "").split(os.pathsep)
            entries = [folder, *(entry for entry in entries if entry != folder)]
            more["env"] = {**environment, "PYTHONPATH": os.pathsep.join(entries)}
        real(self, *args, **more)

    module.Popen.__init__ = begin


def _watched(recorder: Recorder, real: Any, module: Any) -> Any:
    @functools.wraps(real)
    def shown(*values: Any, **more: Any) -> Any:
        if not recorder.is_nested() and not _is_captured(module):
            for value in values:
                if value is not None or real.__name__ == "display":
                    recorder.displayed(value)
        with recorder.displaying():
            return real(*values, **more)

    return shown


def _is_captured(module: Any) -> bool:
    state = getattr(module, "_State", None)
    return bool(getattr(state, "collecting", None))


def _wrap_body(node: Any) -> None:
    """`def stage(): "doc"; body` -> `def stage(): "doc"; try: body; finally: leave("stage")`."""
    has_doc = ast.get_docstring(node, clean=False) is not None and len(node.body) > 1
    head, body = (node.body[:1], node.body[1:]) if has_doc else ([], node.body)
    call = ast.parse(f"{LEAVE}({node.name!r})").body
    wrapped = ast.Try(body=body, handlers=[], orelse=[], finalbody=call)
    last = body[-1]
    for part in (wrapped, *ast.walk(call[0])):
        if hasattr(part, "lineno") or part is wrapped:
            ast.copy_location(part, last)
    node.body = [*head, ast.fix_missing_locations(wrapped)]


def _passed(error: BaseException, frame: Any) -> bool:
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame is frame:
            return True
        trace = trace.tb_next
    return False


def _error(error: BaseException | None) -> dict[str, Any] | None:
    if error is None:
        return None
    line, trace = 0, error.__traceback__
    while trace is not None:
        if f"{os.sep}stages{os.sep}" in trace.tb_frame.f_code.co_filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    try:
        text = str(error)
    except Exception:  # a notebook's own exception may not print
        text = ""
    return {"name": type(error).__name__, "value": text, "line": line}
