"""One event a line: what stood in the variables when a cell or a stage ended, and what was displayed."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from . import aliases, summaries
from .fingerprint import Walker, kind_of
from .hashing import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count()
_clock = time.time_ns  # taken before a frozen clock replaces it
_NOTHING: frozenset[str] = frozenset()


class Recorder:
    """Writes events into a file of its own; `package` is the generated package, or None in a notebook's kernel."""

    def __init__(self, folder: str, package: str | None) -> None:
        # Opened once, before anybody watches which files a stage opens.
        path = os.path.join(folder, f"{os.getpid()}-{next(_numbers)}-{_clock()}.jsonl")
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if folder else -1
        self.package = package
        self._displaying = threading.local()

    def write(self, event: dict[str, Any]) -> None:
        """Write one event."""
        event.update(at=time.perf_counter_ns(), wall=_clock(), pid=os.getpid())
        data = memoryview(json.dumps(event).encode("ascii") + b"\n")
        while data:
            data = data[os.write(self._file, data) :]

    def values(self, namespace: dict[str, Any]) -> dict[str, Any]:
        """What is told of each variable, and which of them share objects."""
        started = time.perf_counter()
        told = {name: {**self.value(value), "identity": id(value)} for name, value in namespace.items()}
        return {
            "variables": told,
            "aliases": aliases.graph(namespace, self.is_own),
            "probe_seconds": round(time.perf_counter() - started, 4),
        }

    def value(self, value: Any, with_parts: bool = True) -> dict[str, Any]:
        """Kind, digest, summary and parts of one value; `reasons` where it could not be looked into."""
        walker = Walker(self.is_own, self._stage_cells)
        told: dict[str, Any] = {"kind": kind_of(value), "summary": summaries.summary(value)}
        try:
            told["digest"] = walker.walk(value)
            parts = summaries.parts(walker, value) if with_parts else None
        except Exception as error:  # a value that breaks the walk is named, and the run goes on
            return {**told, "digest": None, "reasons": [f"it cannot be looked into ({type(error).__name__})"]}
        if walker.reasons:
            told["reasons"] = list(walker.reasons)
        if parts:
            told["parts"] = parts
        return told

    def displayed(self, value: Any, cell: int = 0) -> None:
        """Record a value that is being displayed; values that its own display shows do not count."""
        self.write(
            {"event": "display", **_markup(value, self), "summary": summaries.summary(value), "cell": cell}
        )

    def is_nested(self) -> bool:
        """Whether a display is under way in this thread."""
        return getattr(self._displaying, "depth", 0) > 0

    @contextlib.contextmanager
    def displaying(self) -> Iterator[None]:
        """What is displayed in the block belongs to a display that was told of."""
        self._displaying.depth = getattr(self._displaying, "depth", 0) + 1
        try:
            yield
        finally:
            self._displaying.depth -= 1

    def is_own(self, module: Any) -> bool:
        """Whether a module is where the notebook's definitions stand."""
        if not isinstance(module, str):
            return True
        if module in ("__main__", "__mp_main__"):
            return True
        return self.package is not None and (module == self.package or module.startswith(f"{self.package}."))

    def _stage_cells(self, function: Any) -> frozenset[str]:
        """The variables of a stage that functions defined in it close over: in the notebook they are globals."""
        return _OF_STAGES.get(function.__code__, _NOTHING)


def watch_formatter(shell: Any, recorder: Recorder, record: Any) -> None:
    """Let an IPython shell tell of what it displays, but not of what `%%capture` keeps back."""
    formatter = shell.display_formatter
    real = formatter.format

    def format_(value: Any, *args: Any, **more: Any) -> Any:
        if recorder.is_nested() or type(shell.display_pub).__name__ == "CapturingDisplayPublisher":
            return real(value, *args, **more)
        record(value)
        with recorder.displaying():
            return real(value, *args, **more)

    formatter.format = format_


_OF_STAGES: dict[Any, frozenset[str]] = {}


def know_stage(code: Any) -> None:
    """Remember of each function that is made in a stage which of its free variables are the stage's own."""
    _know_inner(code, frozenset(code.co_cellvars))


def _know_inner(code: Any, of_stage: frozenset[str]) -> None:
    for inner in code.co_consts:
        if hasattr(inner, "co_cellvars"):
            _OF_STAGES[inner] = of_stage.intersection(inner.co_freevars)
            _know_inner(inner, of_stage.difference(inner.co_cellvars))


def _markup(value: Any, recorder: Recorder) -> dict[str, Any]:
    kind = type(value)
    if kind.__module__ == "IPython.core.display" and kind.__name__ in (
        "HTML",
        "Latex",
        "Markdown",
        "Javascript",
    ):
        return markup(kind.__name__.lower(), value.data)
    return recorder.value(value, with_parts=False)


def markup(kind: str, text: Any) -> dict[str, Any]:
    """What is told of displayed text in a markup language."""
    if kind == "svg":
        return {"kind": "SVG", "digest": "SVG"}
    return {"kind": kind, "digest": digest("markup", kind, str(text).rstrip("\n"))}
