"""Facts -> VariableGraph: names by statement, objects by the trace, flows from the last writer to each reader."""

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from nb2pipe.analysis import CellFacts, Facts, Statement
from nb2pipe.analysis.namespace import GIVEN, missing
from nb2pipe.analysis.tracing import Binding, Trace, trace
from nb2pipe.notebooks.model import TIMED
from nb2pipe.notebooks.walking import walked

from .ambient import ambient_edges
from .model import CellNames, Edge, EdgeKind, VariableGraph
from .order import order_of

BUILTINS = frozenset(vars(builtins))


def build(facts: Facts) -> VariableGraph:
    """The variable graph of a notebook."""
    unbound = missing(facts)
    order = order_of(facts, unbound)
    traced = trace(facts, order.cells)
    cells = _cells(facts, traced, order.cells)
    flows = _flows([cells[number - 1] for number in order.cells])
    edges = (*flows, *ambient_edges(facts, traced, order.cells))
    return VariableGraph(facts, order, traced, unbound, cells, edges)


@dataclass(slots=True)
class _Seen:
    """What the trace tells of one cell."""

    kinds: dict[str, str] = field(default_factory=dict)  # name -> what its last binding made it
    changed: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)  # names that called functions read


def _seen(traced: Trace) -> Mapping[int, _Seen]:
    """What the trace tells, by cell."""
    found: dict[int, _Seen] = {}
    for one in traced.bindings:
        found.setdefault(one.run.cell, _Seen()).kinds[one.name] = _kind(one)
    for cell, name in traced.reads:
        found.setdefault(cell, _Seen()).called.add(name)
    for change in traced.changes:
        if change.certainty != "possible":
            found.setdefault(change.run.cell, _Seen()).changed.update(change.names)
    return found


def _kind(one: Binding) -> str:
    return one.kind


def _cells(facts: Facts, traced: Trace, order: Iterable[int]) -> tuple[CellNames, ...]:
    seen = _seen(traced)
    known: set[str] = set()
    found = {}
    for number in order:
        names = _cell(facts.cells[number - 1], seen.get(number, _Seen()), known)
        known |= names.binds | names.mutates
        found[number] = names
    return tuple(found[cell.number] for cell in facts.cells)


def _cell(cell: CellFacts, seen: _Seen, known: set[str]) -> CellNames:
    reads: set[str] = set()
    bound: set[str] = set()  # surely, so far
    binds: dict[str, None] = {}
    deletes: set[str] = set()
    written: set[str] = set()
    for one in cell.statements:
        use = one.use
        needed = {name for name in use.reads if name not in bound}
        needed |= {name for name in use.in_strings if name in known and name not in bound}
        reads |= {name for name in needed if name in known or (name not in GIVEN and name.isidentifier())}
        for name in use.deletes:
            deletes.add(name)
            binds.pop(name, None)
            bound.discard(name)
        binds.update(dict.fromkeys(use.binds))
        deletes -= use.binds.keys()
        bound |= {name for name, surely in use.binds.items() if surely}
        written |= use.binds.keys() | _caught(one)
    reads |= {name for name in seen.called if name in known and name not in bound}
    for name in seen.kinds:
        if name not in written and name not in deletes:  # bound by a called function
            binds.setdefault(name)
    kinds = {name: seen.kinds.get(name, "value") for name in binds if name not in ("__kernel__", TIMED)}
    return CellNames(
        number=cell.number,
        reads=frozenset(reads - {"__kernel__", TIMED}),
        writes=frozenset(name for name, kind in kinds.items() if kind == "value"),
        mutates=frozenset(
            name for name in seen.changed if name in known and name not in binds and name not in deletes
        ),
        deletes=frozenset(deletes),
        imports=frozenset(name for name, kind in kinds.items() if kind == "import"),
        defines=frozenset(name for name, kind in kinds.items() if kind == "definition"),
    )


def _caught(one: Statement) -> set[str]:
    """The names of caught exceptions, which are gone when their handler ends."""
    if not isinstance(one.node, (ast.Try, ast.TryStar)):
        return set()
    return {node.name for node in walked(one.node) if isinstance(node, ast.ExceptHandler) and node.name}


def _flows(cells: Iterable[CellNames]) -> Iterator[Edge]:
    """The edges of values: each read from the cell that last bound or changed the name."""
    last: dict[str, tuple[int, EdgeKind]] = {}
    for cell in cells:
        for name in sorted(cell.reads | cell.mutates):
            if name in last:
                source, kind = last[name]
                yield Edge(source, cell.number, name, kind)
        for name in cell.mutates:
            last[name] = (cell.number, "mutation")
        for names, kind in ((cell.writes, "value"), (cell.imports, "import"), (cell.defines, "definition")):
            last.update(dict.fromkeys(names, (cell.number, kind)))
        for name in cell.deletes:
            last.pop(name, None)
