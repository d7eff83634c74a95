"""Flows that no variable shows: files, random streams, the working directory, environment, options, figures, modules."""

from collections.abc import Iterable, Iterator, Mapping

from nb2pipe.analysis import Facts
from nb2pipe.analysis.catalogue import FileUse
from nb2pipe.analysis.tracing import Call, Trace

from .model import Edge, EdgeKind

KINDS: Mapping[str, EdgeKind] = {
    "random": "random",
    "numpy.random": "random",
    "torch": "random",
    "tensorflow": "random",
    "cwd": "cwd",
    "environ": "environ",
    "figure": "figure",
    "sys.path": "module",
    "modules": "module",
}
OPTIONS = frozenset(
    "pandas.options numpy.options matplotlib.rcParams warnings decimal locale logging limits csv".split()
)


def ambient_edges(facts: Facts, traced: Trace, order: Iterable[int]) -> Iterator[Edge]:
    """The edges of ambient state: from the cell that last set or advanced it to the next that depends on it."""
    place = {number: at for at, number in enumerate(order)}
    seen: set[Edge] = set()
    last: dict[tuple[str, EdgeKind], int] = {}
    for call in sorted((one for one in traced.calls if one.run.cell), key=lambda one: place[one.run.cell]):
        for resource, kind, writes, reads in (*_touches(call), *_files(call)):
            source = last.get((resource, kind))
            edge = Edge(source or 0, call.run.cell, resource, kind)
            if reads and source and source != call.run.cell and edge not in seen:
                seen.add(edge)
                yield edge
            if writes:
                last[resource, kind] = call.run.cell


def _touches(call: Call) -> Iterator[tuple[str, EdgeKind, bool, bool]]:
    """Resource, kind, whether it is changed, whether the call depends on it."""
    for touch in call.touches:
        kind = KINDS.get(touch.resource) or ("options" if touch.resource in OPTIONS else None)
        if kind == "random":
            yield (
                touch.resource,
                kind,
                touch.role in ("draw", "seed", "advance"),
                touch.role in ("draw", "read"),
            )
        elif kind is not None:
            yield touch.resource, kind, touch.role == "write", touch.role == "read"


def _files(call: Call) -> Iterator[tuple[str, EdgeKind, bool, bool]]:
    for use in call.files:
        path = path_of(call, use)
        if path:
            yield (
                path,
                "file",
                use.role in ("writes", "appends", "moves"),
                use.role in ("reads", "appends", "lists"),
            )


def path_of(call: Call, use: FileUse) -> str:
    """The path that the text gives for a file, else ""."""
    thing = call.argument(*use.arguments)
    text = thing.const if thing is not None else None
    return _tidy(text) if isinstance(text, str) and "\n" not in text and len(text) < 300 else ""


def _tidy(path: str) -> str:
    while path.startswith("./"):
        path = path[2:]
    return path.rstrip("/")
