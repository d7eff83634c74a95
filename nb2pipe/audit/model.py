"""What a rule is, what it finds, and what it looks at."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, wraps
from typing import Any, TypeVar

from nb2pipe.analysis import CellFacts, Facts, Statement
from nb2pipe.analysis.catalogue import Catalogue, FileUse, Touch, catalogue
from nb2pipe.analysis.namespace import Missing
from nb2pipe.analysis.tracing import Binding, Call, Change, Place, Trace
from nb2pipe.graph import CellNames, VariableGraph
from nb2pipe.notebooks.walking import walked

from .names import classified

ASKED_FOR = (
    ast.Constant,
    ast.BinOp,
    ast.Assign,
    ast.AnnAssign,
    ast.keyword,
    ast.Dict,
    ast.Subscript,
    ast.Compare,
    ast.arguments,
    ast.Call,
)  # kinds of nodes
N = TypeVar("N", bound=ast.AST)
T = TypeVar("T")
K = TypeVar("K")


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"  # a clean run fails or gives another result
    WARNING = "warning"  # the result depends on something outside the text, or says less than it seems
    INFO = "info"  # worth knowing before converting

    @property
    def rank(self) -> int:
        """Larger is worse."""
        return ("info", "warning", "error").index(self.value)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a notebook: code cell, line and column, all from 1."""

    cell: int
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in one place, with the other places that matter."""

    code: str
    name: str
    severity: Severity
    message: str
    hint: str
    spot: Spot
    variable: str | None = None
    related: tuple[Spot, ...] = ()
    seen: str = ""  # what a run showed of it

    @property
    def told(self) -> str:
        """The message, with what a run showed of it."""
        return f"{self.message} (seen in a run: {self.seen})" if self.seen else self.message


def by_place(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in the order in which a reader of the notebook meets them."""
    return tuple(sorted(findings, key=lambda one: (one.spot.cell, one.spot.line, one.spot.column, one.code)))


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of fault: its fixed code and name, and its words."""

    code: str
    name: str
    severity: Severity
    message: str
    hint: str

    def at(
        self,
        spot: Spot | Place,
        *,
        variable: str | None = None,
        related: Iterable[Spot | Place] = (),
        severity: Severity | None = None,
        **words: object,
    ) -> Finding:
        """A finding of this kind at a place."""
        values = {"variable": variable, **words}
        return Finding(
            self.code,
            self.name,
            severity or self.severity,
            self.message.format(**values),
            self.hint.format(**values),
            _spot(spot),
            variable,
            tuple(dict.fromkeys(_spot(one) for one in related)),
        )


@dataclass(frozen=True, slots=True)
class Example:
    """A small notebook, for tests and the manual."""

    cells: tuple[str, ...]
    counts: tuple[int | None, ...] | None = None
    outputs: Mapping[int, tuple[Mapping[str, object], ...]] = field(default_factory=dict)


def cells(
    *texts: str,
    counts: Iterable[int | None] | None = None,
    out: Mapping[int, object] | None = None,
) -> Example:
    """An example notebook; an output is the text of stdout, `("result", text)` or `("error", name, text)`."""
    outputs = {cell: (_output(one),) for cell, one in (out or {}).items()}
    return Example(texts, None if counts is None else tuple(counts), outputs)


def _output(one: object) -> Mapping[str, object]:
    if isinstance(one, str):
        return {"output_type": "stream", "name": "stdout", "text": one}
    if isinstance(one, tuple) and one[0] == "result":
        return {"output_type": "execute_result", "data": {"text/plain": one[1]}, "metadata": {}}
    assert isinstance(one, tuple)
    return {"output_type": "error", "ename": one[1], "evalue": one[2], "traceback": []}


def where(one: Call | Change) -> Spot:
    """Where something happens in the cell that runs it: in its text, or where it calls the function that does it."""
    return Spot(*(one.place if one.place.cell == one.run.cell else one.run))


def read_at(one: Missing) -> tuple[Spot, list[Spot]]:
    """Where a clean run stops at a read, and where else the text reads it: in a function that an earlier cell made."""
    cell, (line, column) = one.place
    text = Spot(cell, line, column + 1)
    return (text, []) if cell == one.cell else (Spot(one.cell, one.spot[0], one.spot[1] + 1), [text])


def _spot(place: Spot | Place) -> Spot:
    return place if isinstance(place, Spot) else Spot(*place)


@dataclass(frozen=True)
class View:
    """What rules look at: the graph, the trace, the catalogue, and what several rules ask for."""

    graph: VariableGraph
    files: frozenset[str] = frozenset()  # names of what lies beside the notebook
    memo: dict[Callable[["View"], Any], Any] = field(
        default_factory=dict
    )  # answers of functions marked `once`

    @property
    def facts(self) -> Facts:
        """The facts of the notebook."""
        return self.graph.facts

    @property
    def trace(self) -> Trace:
        """The trace of its cells."""
        return self.graph.trace

    @cached_property
    def know(self) -> Catalogue:
        """What is known of libraries."""
        return catalogue()

    @property
    def cells(self) -> tuple[CellFacts, ...]:
        """The code cells."""
        return self.facts.cells

    def cell(self, number: int) -> CellFacts:
        """One code cell."""
        return self.facts.cells[number - 1]

    def statements_at(self, cell: int, line: int) -> Iterator[Statement]:
        """The statements of a cell that stand on this line."""
        return (one for one in self.cell(cell).statements if one.first <= line <= one.last)

    @cached_property
    def names(self) -> Mapping[str, tuple[Missing, ...]]:
        """Reads of names that are not bound, by the rule that reports them."""
        return classified(self.facts, self.graph.missing)

    @cached_property
    def place(self) -> Mapping[int, int]:
        """The position of each cell in the order in which cells run."""
        return {number: at for at, number in enumerate(self.graph.order.cells)}

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The calls that run, in order."""
        return tuple(call for call in self.trace.calls if call.run.cell)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The changes that are sure or likely."""
        return tuple(change for change in self.trace.changes if change.certainty != "possible")

    @cached_property
    def changes_of(self) -> Mapping[int, tuple[Change, ...]]:
        """The changes of a thing, by its identity."""
        return _grouped(self.trace.changes, lambda change: id(change.thing))

    @cached_property
    def bound(self) -> Mapping[int, tuple[Binding, ...]]:
        """The bindings of names to a thing, by the thing's identity."""
        return _grouped(self.trace.bindings, lambda binding: id(binding.thing))

    @cached_property
    def nodes(self) -> Mapping[type[ast.AST], tuple[tuple[int, ast.AST], ...]]:
        """The syntax nodes of all cells with their cells' numbers, for the kinds that rules ask for."""
        found: dict[type[ast.AST], list[tuple[int, ast.AST]]] = {kind: [] for kind in ASKED_FOR}
        for cell in self.cells:
            for statement in cell.statements:
                for node in walked(statement.node):
                    if type(node) in found:
                        found[type(node)].append((cell.number, node))
        return {kind: tuple(nodes) for kind, nodes in found.items()}

    def nodes_of(self, kind: type[N]) -> Iterator[tuple[int, N]]:
        """The syntax nodes of one kind with their cells' numbers."""
        yield from self.nodes[kind]  # type: ignore[misc]

    @cached_property
    def texts(self) -> tuple[tuple[int, ast.Constant], ...]:
        """The texts in the code, with their cells' numbers."""
        return tuple(
            (cell, node) for cell, node in self.nodes_of(ast.Constant) if isinstance(node.value, str)
        )

    @cached_property
    def touches(self) -> tuple[tuple[Call, tuple[Touch, ...]], ...]:
        """The calls that touch ambient state, also in functions that are never called."""
        return tuple((call, call.touches) for call in self.trace.calls if call.touches)

    @cached_property
    def file_uses(self) -> tuple[tuple[Call, tuple[FileUse, ...]], ...]:
        """The calls that use files, also in functions that are never called."""
        return tuple((call, call.files) for call in self.trace.calls if call.files)

    def is_in_network(self, call: Call) -> bool:
        """Whether a call surely reads from the network."""
        return any(
            touch.resource == "network" and touch.role == "read" and touch.is_sure for touch in call.touches
        )

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Call, ...]]:
        """The calls by qualified name, also those in functions that are never called."""
        return _grouped(self.trace.calls, lambda call: call.name)

    @cached_property
    def history(self) -> Mapping[str, tuple[CellNames, ...]]:
        """The cells that bind, read or change each name, in the order in which they run."""
        found: dict[str, list[CellNames]] = {}
        for number in self.graph.order.cells:
            cell = self.graph.cells[number - 1]
            for name in cell.reads | cell.binds | cell.mutates:
                found.setdefault(name, []).append(cell)
        return {name: tuple(cells) for name, cells in found.items()}


def once(answer: Callable[[View], T]) -> Callable[[View], T]:
    """Compute an answer once for each view, for all that ask for it."""

    @wraps(answer)
    def known(view: View) -> T:
        if answer not in view.memo:
            view.memo[answer] = answer(view)
        found: T = view.memo[answer]
        return found

    return known


def _grouped(ones: Iterable[T], key: Callable[[T], K]) -> Mapping[K, tuple[T, ...]]:
    found: dict[K, list[T]] = {}
    for one in ones:
        found.setdefault(key(one), []).append(one)
    return {name: tuple(group) for name, group in found.items()}
