"""The variable graph: what each cell does with names, and what flows from cell to cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from nb2pipe.analysis import Facts
from nb2pipe.analysis.namespace import Missing
from nb2pipe.analysis.tracing import Trace

from .order import Order

if TYPE_CHECKING:
    import networkx as nx

EdgeKind = Literal[
    "value",
    "mutation",
    "import",
    "definition",
    "file",
    "random",
    "cwd",
    "environ",
    "options",
    "figure",
    "module",
]
AMBIENT = frozenset(("file", "random", "cwd", "environ", "options", "figure", "module"))


@dataclass(frozen=True, slots=True)
class CellNames:
    """What one code cell does with the notebook's names."""

    number: int
    reads: frozenset[str]
    writes: frozenset[str]
    mutates: frozenset[str]
    deletes: frozenset[str]
    imports: frozenset[str]
    defines: frozenset[str]

    @property
    def binds(self) -> frozenset[str]:
        """All names that are bound when the cell ends."""
        return self.writes | self.imports | self.defines


@dataclass(frozen=True, slots=True)
class Edge:
    """A flow from the cell that last bound or changed something to a cell that needs it."""

    source: int
    target: int
    variable: str
    kind: EdgeKind


@dataclass(frozen=True)
class VariableGraph:
    """The cells of a notebook and the flows between them, in the order in which they run."""

    facts: Facts
    order: Order
    trace: Trace
    missing: tuple[Missing, ...]  # with the cells in the document's order
    cells: tuple[CellNames, ...]  # in document order
    edges: tuple[Edge, ...]

    @cached_property
    def flows(self) -> "nx.MultiDiGraph[int]":
        """The edges as a graph of networkx."""
        import networkx as nx

        graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
        graph.add_nodes_from(self.order.cells)
        for edge in self.edges:
            graph.add_edge(edge.source, edge.target, variable=edge.variable, kind=edge.kind)
        return graph

    def before(self, cell: int) -> frozenset[int]:
        """The cells that must have run for this one (its backward slice), itself not counted."""
        import networkx as nx

        return frozenset(nx.ancestors(self.flows, cell))

    def after(self, cell: int) -> frozenset[int]:
        """The cells that a change of this one reaches, itself not counted."""
        import networkx as nx

        return frozenset(nx.descendants(self.flows, cell))

    def live_after(self, cell: int) -> frozenset[str]:
        """The names that later cells (in the order) need from this one or from cells before it."""
        place = {number: at for at, number in enumerate(self.order.cells)}
        cut = place[cell]
        return frozenset(
            edge.variable for edge in self.edges if place[edge.source] <= cut < place[edge.target]
        )

    def readers(self) -> Mapping[tuple[int, str], tuple[int, ...]]:
        """For each cell and variable: the cells that need it from there."""
        found: dict[tuple[int, str], list[int]] = {}
        for edge in self.edges:
            found.setdefault((edge.source, edge.variable), []).append(edge.target)
        return {key: tuple(dict.fromkeys(cells)) for key, cells in found.items()}
