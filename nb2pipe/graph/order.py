"""Whether the document's order runs, and if not, an order that does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from nb2pipe.analysis import CellFacts, Facts
from nb2pipe.analysis.namespace import Missing, Namespace, is_platform_name, missing, run_cell


@dataclass(frozen=True, slots=True)
class Order:
    """The order in which the cells are read from here on, by number, each code cell once."""

    document: Literal["runs", "fails"]
    cells: tuple[int, ...]
    reason: str
    is_certain: bool = False  # whether the document's order fails for certain, so that another may be taken

    @property
    def is_document(self) -> bool:
        """Whether it is the order of the file."""
        return list(self.cells) == sorted(self.cells)


def order_of(facts: Facts, found: tuple[Missing, ...] | None = None) -> Order:
    """The document's order where it runs; else the order of the saved counts, or one by need, where that runs."""
    document = tuple(range(1, len(facts.cells) + 1))
    found = missing(facts) if found is None else found
    late = late_reads(facts, found)
    if not late:
        broken = _why_fails(facts, found)
        return Order(
            "fails" if broken else "runs", document, broken or "every name is bound before it is read"
        )
    certain = any(fails_for_certain(facts, one) for one in late)
    why = f"cell {late[0].cell} reads `{late[0].name}` before any cell binds it"
    counted = by_counts(facts)
    if counted != document and _is_better(facts, counted, 0):
        return Order("fails", counted, f"{why}; the saved execution counts tell an order that runs", certain)
    needed = by_need(facts)
    if needed != document and _is_better(facts, needed, len(late) - 1):
        moved = _moved(document, needed)
        return Order("fails", needed, f"{why}; {moved} before the cells that need it", certain)
    return Order("fails", document, f"{why}; no order of the cells binds every name in time")


def late_reads(facts: Facts, found: Iterable[Missing]) -> list[Missing]:
    """Reads that surely fail although some cell binds the name."""
    return [one for one in found if is_sure(facts, one) and one.name in facts.bound]


def is_sure(facts: Facts, one: Missing) -> bool:
    """Whether the read fails in any run that reaches it."""
    if one.is_guarded or one.problem in ("maybe", "looped"):
        return False
    return not facts.cells[one.cell - 1].lifted.cell.may_raise


def fails_for_certain(facts: Facts, one: Missing) -> bool:
    """Whether the cell's own text reads the name on every path: no function, branch or loop is around it."""
    cell = facts.cells[one.cell - 1]
    firm = (use for use in (statement.use for statement in cell.statements) if one.name in use.firm)
    return not one.function and any(use.reads.get(one.name) == one.spot for use in firm)


def by_counts(facts: Facts) -> tuple[int, ...]:
    """The cells by their saved execution counts; a cell without one follows the cell above it."""
    keyed = []
    last = 0
    for cell in facts.cells:
        last = cell.lifted.cell.execution_count or last
        keyed.append((last, cell.number))
    return tuple(number for _, number in sorted(keyed))


def by_need(facts: Facts) -> tuple[int, ...]:
    """The document's order, but each cell after one that binds what it reads."""
    return _Arrangement(facts).arranged()


def _is_better(facts: Facts, order: tuple[int, ...], allowed: int) -> bool:
    return len(late_reads(facts, missing(facts, order))) <= allowed


def _why_fails(facts: Facts, found: Iterable[Missing]) -> str:
    for one in found:
        # A function may come back before it reads the name.
        if is_sure(facts, one) and not one.function and not is_platform_name(one.name):
            what = "was deleted" if one.problem == "deleted" else "is never bound"
            return f"cell {one.cell} reads `{one.name}`, which {what}"
    for cell in facts.cells:
        if cell.lifted.fault and not cell.is_skipped and not cell.lifted.cell.may_raise:
            return f"cell {cell.number} is not Python: {cell.lifted.fault.message}"
    return ""


def _moved(document: tuple[int, ...], order: tuple[int, ...]) -> str:
    """Which cells stand earlier than in the file, in words."""
    early = [
        number for place, number in enumerate(order) if any(later < number for later in order[place + 1 :])
    ]
    names = ", ".join(str(number) for number in early[:5]) + (" ..." if len(early) > 5 else "")
    return f"cell{'s' if len(early) > 1 else ''} {names} move{'' if len(early) > 1 else 's'}"


class _Arrangement:
    """Cells are put one after another; a cell that lacks a name waits until a cell that binds it is put."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.space = Namespace()
        self.order: list[int] = []
        self.put: set[int] = set()
        self.waiting: set[int] = set()
        self.makers: dict[str, list[CellFacts]] = {}
        for cell in facts.cells:
            for name in dict.fromkeys(
                name for one in cell.statements for name in (*one.use.binds, *one.use.global_writes)
            ):
                self.makers.setdefault(name, []).append(cell)

    def arranged(self) -> tuple[int, ...]:
        for cell in self.facts.cells:
            self._put(cell)
        return tuple(self.order)

    def _put(self, cell: CellFacts) -> None:
        if cell.number in self.put or cell.number in self.waiting or len(self.waiting) > 200:
            return
        self.waiting.add(cell.number)
        tried: set[str] = set()
        while True:
            lacking = [name for name in self._lacks(cell) if name not in tried]
            if not lacking:
                break
            tried.add(lacking[0])
            maker = self._maker(lacking[0], cell)
            if maker is not None:
                self._put(maker)
        self.waiting.discard(cell.number)
        self.put.add(cell.number)
        self.order.append(cell.number)
        run_cell(self.space, cell)

    def _lacks(self, cell: CellFacts) -> list[str]:
        found = run_cell(_copy(self.space), cell)
        return [one.name for one in found if one.problem in ("unbound", "deleted")]

    def _maker(self, name: str, reader: CellFacts) -> CellFacts | None:
        free = [
            cell
            for cell in self.makers.get(name, ())
            if cell.number not in self.put and cell.number not in self.waiting and cell is not reader
        ]
        own = [cell for cell in free if not self._reads_first(cell, name)]
        return next(iter(own), next(iter(free), None))

    @staticmethod
    def _reads_first(cell: CellFacts, name: str) -> bool:
        for one in cell.statements:
            if name in one.use.reads:
                return True
            if name in one.use.binds:
                return False
        return False


def _copy(space: Namespace) -> Namespace:
    return Namespace(dict(space.states), dict(space.deferred), dict(space.classes), space.is_open)


def counts_of(facts: Facts) -> Mapping[int, int]:
    """The saved execution counts by cell number."""
    return {
        cell.number: cell.lifted.cell.execution_count
        for cell in facts.cells
        if cell.lifted.cell.execution_count  # some platforms save 0 for all
    }
