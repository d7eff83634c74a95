"""Which reads, fits, predictions and metrics the notebook's own code calls in a run."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGE = str(Path(__file__).resolve().parents[1])
STAGES = str(Path(PACKAGE, "stages"))
FUNCTIONS = str(Path(PACKAGE, "functions.py"))
FIT = ("fit", "fit_transform", "fit_predict", "partial_fit")
PREDICT = ("predict", "predict_proba", "decision_function", "score")
TRANSFORM = ("transform", "fit_transform")
_METHODS = {*FIT, *PREDICT, *TRANSFORM}
_DEEPEST = 4  # wrappers between the notebook's code and what it calls


@dataclass(eq=False)
class Call:
    """One call by the notebook's code."""

    name: str
    owner: Any  # the estimator; None for functions
    argument: Any  # the very object that was given
    snapshot: Any  # a copy from before the call: code may go on to change it
    target: Any
    stage: str
    line: int
    result: Any = None
    read: Any = None  # a copy of a table that was read


@contextmanager
def watching() -> Iterator[list[Call]]:
    """Note the calls while the block runs."""
    watcher = _Watcher()
    before = sys.getprofile()
    sys.setprofile(watcher.see)
    try:
        yield watcher.calls
    finally:
        sys.setprofile(before)


class _Watcher:
    """Looks at every call; what an interesting one calls itself is its own business."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._open: types.FrameType | None = None
        self._call: Call | None = None

    def see(self, frame: types.FrameType, event: str, argument: Any) -> None:
        """Called by the interpreter for each call and each return."""
        if event == "call":
            if self._open is None and _is_interesting(frame):
                self._begin(frame)
        elif event == "return" and frame is self._open:
            assert self._call is not None
            self._call.result = argument
            if self._call.owner is None and self._call.name.startswith("read_"):
                self._call.read = _copy(argument)
            if argument is not None:  # None: it raised, or says nothing
                self.calls.append(self._call)
            self._open = self._call = None

    def _begin(self, frame: types.FrameType) -> None:
        caller = _caller(frame)
        if caller is None:
            return
        code, values = frame.f_code, frame.f_locals
        given = [values.get(name) for name in code.co_varnames[: code.co_argcount]]
        owner = given.pop(0) if code.co_name in _METHODS and given else None
        first, second = [*given, None, None][:2]
        stage = Path(caller.f_code.co_filename).stem
        self._open = frame
        self._call = Call(
            code.co_name, owner, first, _copy(first), second, stage, caller.f_lineno
        )


def _is_interesting(frame: types.FrameType) -> bool:
    code = frame.f_code
    if code.co_name in _METHODS:
        return code.co_argcount > 1 and code.co_varnames[0] == "self"
    module = frame.f_globals.get("__name__", "")
    if code.co_name.startswith("read_"):
        return str(module).startswith("pandas.io.")
    return str(module).startswith("sklearn.metrics._") and code.co_name[0] != "_"


def _caller(frame: types.FrameType) -> types.FrameType | None:
    """The frame of the notebook's code that called this one, a few wrappers away."""
    here = frame.f_back
    for _ in range(_DEEPEST):
        if here is None:
            return None
        if _is_notebook(here):
            return here
        here = here.f_back
    return None


def _is_notebook(frame: types.FrameType) -> bool:
    """Whether the frame is of a stage, of a function, or of a cell that IPython runs."""
    name = frame.f_code.co_filename
    if name.startswith(PACKAGE):
        return name.startswith(STAGES) or name == FUNCTIONS
    return frame.f_globals.get("__name__") == "__main__"


def _copy(value: Any) -> Any:
    """A copy of what holds rows; anything else as it is."""
    if isinstance(value, list):
        return list(value)
    copy = getattr(value, "copy", None)
    return copy() if hasattr(value, "shape") and callable(copy) else value
