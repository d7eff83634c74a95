"""Audited notebooks as one HTML page that needs no network: summary, variable graph, cells with their findings."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nb2pipe.audit import Finding
from nb2pipe.graph import AMBIENT, Edge, VariableGraph
from nb2pipe.notebooks import Notebook
from nb2pipe.rendering import render

from .audit_text import counts, ranges

ROW = 22  # pixels for a cell in the graph
LEFT = 225  # where the arcs begin
MOST_EDGES = 4000
MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Line:
    """A source line with the findings that stand there."""

    number: int
    text: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class CellBox:
    """A code cell of the page."""

    number: int
    count: int | None
    lines: tuple[Line, ...]
    left_out: int
    worst: str
    makes: tuple[str, ...]
    changes: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arc:
    """One flow in the drawing."""

    edge: Edge
    path: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One cell in the drawing."""

    number: int
    y: float
    label: str
    worst: str


@dataclass(frozen=True, slots=True)
class Way:
    """A variable's way through the notebook, in words."""

    name: str
    words: str
    weight: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The variable graph."""

    left: int
    dots: tuple[Dot, ...]
    arcs: tuple[Arc, ...]
    ways: tuple[Way, ...]
    width: float
    height: float
    left_out: int


def head() -> str:
    """The page up to the first notebook."""
    return render("reports/audit_head.html.j2")


def section(
    path: str,
    notebook: Notebook | None,
    graph: VariableGraph | None,
    findings: tuple[Finding, ...],
    error: str | None,
) -> str:
    """One notebook."""
    if notebook is None or graph is None:
        return render("reports/audit_unreadable.html.j2", path=path, error=error, anchor=_anchor(path))
    worst = sorted(findings, key=lambda one: (-one.severity.rank, one.spot.cell, one.spot.line))
    return render(
        "reports/audit_section.html.j2",
        path=path,
        name=path.rpartition("/")[2],
        anchor=_anchor(path),
        counts=counts(findings),
        verdict=_verdict(graph),
        fails=graph.order.document == "fails",
        worst=worst[:6],
        more=len(worst) - 6,
        drawing=_drawing(notebook, graph, findings),
        cells=[_box(notebook, graph, number, findings) for number in range(1, len(graph.cells) + 1)],
    )


def tail(rows: Sequence[tuple[str, Counter[str], str | None]]) -> str:
    """The end of the page; a table of all notebooks, shown on top, where there are several."""
    table = (
        [(path, _anchor(path), severities, error) for path, severities, error in rows]
        if len(rows) > 1
        else []
    )
    table.sort(key=lambda row: (-row[2]["error"], -row[2]["warning"], -row[2]["info"]))
    return render("reports/audit_tail.html.j2", table=table)


def _anchor(path: str) -> str:
    return "nb-" + "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in path)[-80:]


def _verdict(graph: VariableGraph) -> str:
    order = graph.order
    if order.document == "runs":
        return "Every name is bound before it is read when the cells run from top to bottom."
    words = f"It does not run from top to bottom: {order.reason}."
    return words if order.is_document else f"{words} An order that runs: {ranges(order.cells)}."


def _worst(findings: Iterable[Finding]) -> str:
    ranked = sorted((one.severity for one in findings), key=lambda one: one.rank)
    return ranked[-1].value if ranked else ""


def _box(notebook: Notebook, graph: VariableGraph, number: int, findings: Iterable[Finding]) -> CellBox:
    cell, names = notebook.code_cells[number - 1], graph.cells[number - 1]
    own = [one for one in findings if one.spot.cell == number]
    source = cell.source.split("\n")
    lines = tuple(
        Line(
            at,
            text,
            tuple(one for one in own if one.spot.line == at or (at == 1 and one.spot.line > len(source))),
        )
        for at, text in enumerate(source[:MOST_LINES], 1)
    )
    return CellBox(
        number=number,
        count=cell.execution_count,
        lines=lines,
        left_out=max(0, len(source) - MOST_LINES),
        worst=_worst(own),
        makes=tuple(sorted(names.binds)),
        changes=tuple(sorted(names.mutates)),
        needs=tuple(sorted(names.reads - names.mutates)),
    )


def _drawing(notebook: Notebook, graph: VariableGraph, findings: Iterable[Finding]) -> Drawing:
    by_cell: dict[int, list[Finding]] = {}
    for one in findings:
        by_cell.setdefault(one.spot.cell, []).append(one)
    place = {number: index for index, number in enumerate(graph.order.cells)}
    dots = tuple(
        Dot(number, _y(index), _label(notebook, number), _worst(by_cell.get(number, ())))
        for number, index in place.items()
    )
    shown = [edge for edge in graph.edges if edge.kind != "import"]
    arcs = tuple(Arc(edge, _arc(place[edge.source], place[edge.target])) for edge in shown[:MOST_EDGES])
    widest = max((_bulge(abs(place[arc.edge.target] - place[arc.edge.source])) for arc in arcs), default=20)
    return Drawing(
        LEFT, dots, arcs, _ways(graph), LEFT + widest + 20, _y(len(dots)), max(0, len(shown) - MOST_EDGES)
    )


def _y(index: int) -> float:
    return index * ROW + ROW / 2


def _bulge(distance: int) -> float:
    return min(18 + 9 * distance, 420) * 0.75


def _arc(source: int, target: int) -> str:
    bulge = min(18 + 9 * abs(target - source), 420)
    return (
        f"M{LEFT} {_y(source)} C{LEFT + bulge} {_y(source)} {LEFT + bulge} {_y(target)} {LEFT} {_y(target)}"
    )


def _label(notebook: Notebook, number: int) -> str:
    lines = (line.strip() for line in notebook.code_cells[number - 1].source.split("\n"))
    first = next((line for line in lines if line and not line.startswith(("#", "import ", "from "))), "")
    return first[:24]


def _ways(graph: VariableGraph) -> tuple[Way, ...]:
    """What happens to each variable that flows from cell to cell; those that flow most come first."""
    makers: dict[str, list[int]] = {}
    changers: dict[str, list[int]] = {}
    readers: dict[str, list[int]] = {}
    for cell in graph.cells:
        for name in cell.writes | cell.defines:
            makers.setdefault(name, []).append(cell.number)
        for name in cell.mutates:
            changers.setdefault(name, []).append(cell.number)
    kinds: dict[str, str] = {}
    for edge in graph.edges:
        if edge.kind != "import":
            readers.setdefault(edge.variable, []).append(edge.target)
            kinds.setdefault(edge.variable, edge.kind)
    found = []
    for name, targets in readers.items():
        ambient = kinds[name] in AMBIENT
        words = f"{kinds[name]}: " if ambient else ""
        parts = [
            ("made in", makers.get(name, [])),
            ("changed in", changers.get(name, [])),
            ("needed in", targets),
        ]
        words += "; ".join(
            f"{what} cell{'s' if len(set(cells)) > 1 else ''} {ranges(sorted(set(cells)))}"
            for what, cells in parts
            if cells
        )
        found.append(Way(name, words, len(set(targets))))
    return tuple(sorted(found, key=lambda way: (-way.weight, way.name)))
