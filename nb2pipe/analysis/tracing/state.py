"""Where the tracer stands and what it has written down: scopes, branches, places, and the five lists of records."""

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from nb2pipe.analysis.catalogue import Catalogue, catalogue

from .records import Binding, Call, Certainty, Change, Use
from .things import NOTHING, NOWHERE, Given, Place, Scope, Thing, reached

BUILTINS = frozenset(vars(builtins))
# What a kernel has besides the builtins.
KERNEL_NAMES = frozenset("display get_ipython exit quit In Out".split())
Journal = list[tuple[Scope, str, Thing | None]]


@dataclass(slots=True)
class Tracer:
    """A walk through a notebook's cells in order."""

    know: Catalogue = field(default_factory=catalogue)
    globals: Scope = field(default_factory=Scope)
    scope: Scope = field(default_factory=Scope)
    cell: int = 0  # whose text is read
    run: Place = NOWHERE  # which statement of which cell runs
    guards: int = 0
    journal: Journal | None = None
    active: list[ast.AST] = field(default_factory=list)  # functions that are being walked
    visits: dict[ast.AST, int] = field(default_factory=dict)
    returned: list[Thing] = field(default_factory=list)
    yielded: list[Thing] = field(default_factory=list)
    stars: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    reads: dict[tuple[int, str], None] = field(default_factory=dict)
    functions_read: dict[ast.AST, set[str]] = field(
        default_factory=dict
    )  # names of the notebook, by function
    functions: list[Thing] = field(default_factory=list)  # all that were made, to be walked once
    steps: int = 0

    def place(self, node: ast.AST) -> Place:
        """The place of a node in the text."""
        return Place(self.cell, getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1)

    # -- names ---------------------------------------------------------------------------------------------------------
    def look_up(self, name: str) -> Thing | None:
        """What a name stands for, from the innermost scope outwards."""
        scope: Scope | None = self.scope
        while scope is not None:
            if name in scope.names and (name not in scope.declared or scope.outer is None):
                return scope.names[name]
            scope = scope.outer
        return None

    def load(self, name: str) -> Thing:
        """The object that a name stands for; names that nobody binds stand for what people mean by them."""
        found = self.look_up(name)
        if self.active and (found is None or self.globals.names.get(name) is found):
            self._read_by_function(name)
        if found is not None:
            return found
        if name in BUILTINS or name in KERNEL_NAMES:
            return _qualified(name)
        meant = self.know.usual_name(name) or self._from_star(name)
        return _qualified(meant or name)

    def _read_by_function(self, name: str) -> None:
        for node in self.active:
            self.functions_read.setdefault(node, set()).add(name)
        if self.run.cell:
            self.reads[self.run.cell, name] = None

    def _from_star(self, name: str) -> str | None:
        for module in reversed(self.stars):
            qualified = self.know.canonical(f"{module}.{name}")
            if self.know.returns(qualified) or self.know.touches(qualified):
                return qualified
        return f"{self.stars[-1]}.{name}" if self.stars else None

    def bind(
        self,
        name: str,
        thing: Thing,
        node: ast.AST,
        kind: Literal["value", "import", "definition"] = "value",
    ) -> None:
        """Let a name stand for an object."""
        scope = self.globals if name in self.scope.declared else self.scope
        if scope is self.globals:
            before = scope.names.get(name)
            record = Binding(name, self.place(node), self.run, thing, kind, before, self.guards > 0)
            self.bindings.append(record)
        self._set(scope, name, thing)

    def unbind(self, name: str) -> None:
        """Forget a name."""
        self._set(self.globals if name in self.scope.declared else self.scope, name, None)

    def _set(self, scope: Scope, name: str, thing: Thing | None) -> None:
        before = scope.names.get(name)
        if self.journal is not None:
            self.journal.append((scope, name, before))
        if scope is self.globals:
            if before is not None and before.names:
                before.names.discard(name)
            if thing is not None:
                if thing.names is None:
                    thing.names = set()
                thing.names.add(name)
        if thing is None:
            scope.names.pop(name, None)
        else:
            scope.names[name] = thing

    # -- branches ------------------------------------------------------------------------------------------------------
    def branches(self, blocks: Iterable[Callable[[], bool]]) -> None:
        """Walk blocks of which one runs (each says whether it goes on at its end), and merge what they bind."""
        outer, self.guards = self.journal, self.guards + 1
        ends: list[dict[tuple[int, str], Thing | None]] = []
        touched: dict[tuple[int, str], tuple[Scope, str, Thing | None]] = {}
        for block in blocks:
            self.journal = []
            goes_on = block()
            first: dict[tuple[int, str], tuple[Scope, str, Thing | None]] = {}
            for scope, name, before in self.journal:
                first.setdefault((id(scope), name), (scope, name, before))
            end = {key: scope.names.get(name) for key, (scope, name, _) in first.items()}
            self.journal = None
            for scope, name, before in first.values():
                self._set(scope, name, before)
            touched.update({key: value for key, value in first.items() if key not in touched})
            if goes_on:
                ends.append(end)
        self.journal, self.guards = outer, self.guards - 1
        for key, (scope, name, before) in touched.items():
            values = [end.get(key, before) for end in ends]
            self._set(scope, name, self.merged([one for one in values if one is not None]))

    def merged(self, things: list[Thing]) -> Thing | None:
        """One thing for several that it may be."""
        different = list(dict.fromkeys(things))
        if len(different) <= 1:
            return different[0] if different else None
        types = {one.type for one in different}
        kinds = {one.kind for one in different}
        if kinds in ({"name"}, {"function"}):
            return different[0]
        consts = [one.const for one in different]
        result = Thing(
            type=types.pop() if len(types) == 1 else None,
            alts=tuple(different[:12]),
            place=different[0].place,
            const=consts[0] if all(_is_same(one, consts[0]) for one in consts) else ...,
        )
        for one in result.alts:
            if not one.is_plain:
                one.holders = [*(one.holders or ()), result][:40]
        return result

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """What is walked inside may not run."""
        self.guards += 1
        try:
            yield
        finally:
            self.guards -= 1

    # -- records -------------------------------------------------------------------------------------------------------
    def change(  # noqa: PLR0913 - a record of many parts
        self,
        thing: Thing,
        how: str,
        certainty: Certainty,
        node: ast.AST,
        *,
        through: ast.AST | None = None,
        is_structure: bool = False,
        key: object = ...,
        value: Thing | None = None,
        given: Given = NOTHING,
        at: Thing | None = None,
    ) -> None:
        """Write down that an object is changed in place, with all names whose content changes."""
        if thing.is_plain:
            return
        if certainty == "sure" and (self.guards or not thing.type):
            certainty = "likely"
        things = reached(thing, not is_structure)
        for one in things:
            one.const = ...
        names = sorted({name for one in things if one.names for name in one.names})
        if names or (root_name(through) and not _is_name(through)):
            self.changes.append(
                Change(
                    tuple(names),
                    root_name(through),
                    how,
                    certainty,
                    self.place(node),
                    self.run,
                    thing,
                    _is_name(through),
                    key,
                    value,
                    given,
                    at,
                )
            )

    def called(
        self,
        name: str,
        node: ast.AST,
        receiver: Thing | None,
        args: tuple[Thing, ...],
        keywords: Mapping[str, Thing],
        given: Given,
        result: Thing,
    ) -> None:
        """Write down a call."""
        self.calls.append(
            Call(
                name,
                self.place(node),
                self.run,
                receiver,
                args,
                keywords,
                given,
                result,
                self.guards > 0,
                bool(self.active),
                self.know.touches(name, given),
                self.know.file_uses(name, given),
                name.rpartition(".")[2],
            )
        )

    def used(
        self,
        name: str,
        node: ast.AST,
        thing: Thing,
        *,
        is_written: bool = False,
        value: Thing | None = None,
    ) -> None:
        """Write down that a qualified name is looked up or set."""
        place = self.place(node)
        self.uses.append(
            Use(name, place, self.run, thing, self.guards > 0, bool(self.active), is_written, value)
        )

    # -- making things -------------------------------------------------------------------------------------------------
    def made(
        self,
        type_: str | None,
        origin: str,
        node: ast.AST,
        sources: tuple[Thing, ...] = (),
        given: Given = NOTHING,
    ) -> Thing:
        """A new object."""
        return Thing(type=type_, origin=origin, place=self.place(node), sources=sources, given=given)


@cache
def _qualified(name: str) -> Thing:
    return Thing(kind="name", origin=name)


def qualified(name: str) -> Thing:
    """The thing that a qualified name stands for."""
    return _qualified(name)


def root_name(node: ast.AST | None) -> str:
    """The name at the bottom of `name.attribute[key].method()`."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call, ast.Starred)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_name(node: ast.AST | None) -> bool:
    return isinstance(node.value if isinstance(node, ast.Attribute) else node, ast.Name)


def _is_same(left: Any, right: Any) -> bool:
    return left is right or (type(left) is type(right) and bool(left == right))
