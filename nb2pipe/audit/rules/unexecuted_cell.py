"""A cell with code has no execution count while others have.

Nobody has seen it work together with the rest.
"""

from collections.abc import Iterator
from itertools import groupby

from nb2pipe.analysis import CellFacts
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.audit.saved import has_code
from nb2pipe.graph import counts_of

RULE = Rule(
    "NB108",
    "unexecuted-cell",
    Severity.INFO,
    message="this cell{below} not run when the others were",
    hint="run the whole notebook before saving, or remove the cell",
)
GOOD = [cells("a = 1", "# remark", "print(a)", counts=[1, None, 2])]
BAD = [
    (
        cells("a = 1", "print(a)", "b = 2", counts=[1, 2, None]),
        ["3:1 this cell was not run when the others were"],
    )
]
MANY = 4  # cells one below the other: one finding tells it of all


def check(view: View) -> Iterator[Finding]:
    """The cells with code and without a count."""
    if not counts_of(view.facts):
        return
    for row in _rows(view):
        told = row[:1] if len(row) >= MANY else row
        below = f" and the {len(row) - 1} cells with code below it were" if len(told) < len(row) else " was"
        for number in told:
            yield RULE.at(Spot(number), below=below)


def _rows(view: View) -> Iterator[list[int]]:
    """Such cells, those together that stand one below the other."""
    coded = (cell for cell in view.cells if has_code(cell))
    for is_unrun, row in groupby(coded, _is_unrun):
        if is_unrun:
            yield [cell.number for cell in row]


def _is_unrun(cell: CellFacts) -> bool:
    return cell.lifted.cell.execution_count is None  # 0 says nothing
