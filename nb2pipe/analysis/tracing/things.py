"""What the tracer knows of one object of the notebook: its type, where it came from, and what it shares with others.

These are the tracer's own notes, changed while it walks; what it hands out are the frozen records of `records`.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Kind = Literal["value", "name", "function", "class", "bound"]
Given = Mapping[int | str, Any]
NOTHING: Given = MappingProxyType({})
ARRAYS = ("numpy.ndarray", "torch.Tensor")
IMMUTABLE = frozenset("str int float bool NoneType bytes complex range".split())


class Place(NamedTuple):
    """Where something stands: code cell from 1, line from 1, column from 1."""

    cell: int
    line: int
    column: int


NOWHERE = Place(0, 0, 0)


@dataclass(slots=True)
class Scope:
    """The names of one function's call, or of the notebook (`outer` is None)."""

    names: dict[str, "Thing"] = field(default_factory=dict)
    outer: "Scope | None" = None
    declared: frozenset[str] = frozenset()  # global


@dataclass(slots=True, eq=False)
class Thing:
    """One object, or one qualified name (`kind` "name": `origin` tells which)."""

    type: str | None = None
    kind: Kind = "value"
    origin: str = ""  # the qualified name of the call, attribute or import that it came from
    const: Any = ...  # its value where the text tells it
    given: Given = field(default_factory=lambda: NOTHING)
    place: Place = NOWHERE
    sources: tuple["Thing", ...] = ()  # what it was computed from: receiver first, then arguments
    node: ast.AST | None = None  # of a function or class
    scope: Scope | None = None  # where a function was made
    owner: "Thing | None" = None  # the class of an instance, the receiver of a bound method
    index: int | None = None  # which part of its first source it is
    alts: tuple["Thing", ...] = ()  # it is one of these
    parts: list["Thing"] | None = None  # elements that are objects of their own
    keyed: dict[Any, "Thing"] | None = None  # elements by literal key, attributes by ".name"
    holders: list["Thing"] | None = None  # containers that it is an element of
    bases: list["Thing"] | None = None  # objects whose memory it shares
    views: list["Thing"] | None = None  # arrays that share its memory
    names: set[str] | None = None  # names of the notebook that stand for it now

    @property
    def is_plain(self) -> bool:
        """Whether nothing can change it."""
        return self.type in IMMUTABLE or self.kind == "name"

    def hold(self, part: "Thing", key: object = ...) -> None:
        """Take up an element."""
        if key is not ...:
            if self.keyed is None:
                self.keyed = {}
            self.keyed[key] = part
        if part.type in IMMUTABLE or part.kind == "name" or part is self:
            return
        if self.parts is None:
            self.parts = []
        if len(self.parts) < 40 and part not in self.parts:
            self.parts.append(part)
        if part.holders is None:
            part.holders = []
        if len(part.holders) < 40 and self not in part.holders:
            part.holders.append(self)

    def share(self, base: "Thing") -> None:
        """Note that this is a view of another object."""
        if base.is_plain or base is self:
            return
        if self.bases is None:
            self.bases = []
        if len(self.bases) < 8 and base not in self.bases:
            self.bases.append(base)
        if base.type in ARRAYS:
            if base.views is None:
                base.views = []
            if len(base.views) < 40:
                base.views.append(self)


def reached(thing: Thing, through_views: bool) -> list[Thing]:
    """All objects whose content changes when this one does: what holds it, what it is a view of, what it may be."""
    found = [thing, *(thing.views or ())] if through_views else [thing]
    waiting: list[tuple[Thing, Thing | None, bool]] = [(one, None, through_views) for one in found]
    while waiting:
        one, below, views = waiting.pop()
        above = [*(one.holders or ())]
        if views:
            above += one.bases or ()
        for other in above:
            if other not in found and len(found) < 60:
                found.append(other)
                waiting.append((other, one, True))
        for other in one.alts:
            # What may be one of several changes with each of them, but not the others with it.
            if (below is None or below not in one.alts) and other not in found and len(found) < 60:
                found.append(other)
                waiting.append((other, one, views))
    return found


def ancestors(thing: Thing, limit: int = 300) -> Iterator[Thing]:
    """The thing and all that it was computed from, nearest first."""
    seen, row = {id(thing)}, [thing]
    for one in row:
        yield one
        for source in (*one.sources, *one.alts):
            if id(source) not in seen and len(row) < limit:
                seen.add(id(source))
                row.append(source)
