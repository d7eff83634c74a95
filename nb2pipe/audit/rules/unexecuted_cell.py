"""A cell with code has no execution count while others have.

Nobody has seen it work together with the rest.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.audit.saved import has_code
from nb2pipe.graph import counts_of

RULE = Rule(
    "NB108",
    "unexecuted-cell",
    Severity.INFO,
    message="this cell was not run when the others were",
    hint="run the whole notebook before saving, or remove the cell",
)
GOOD = [cells("a = 1", "# remark", "print(a)", counts=[1, None, 2])]
BAD = [
    (
        cells("a = 1", "print(a)", "b = 2", counts=[1, 2, None]),
        ["3:1 this cell was not run when the others were"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The cells with code and without a count."""
    counts = counts_of(view.facts)
    if not counts:
        return
    for cell in view.cells:
        if cell.lifted.cell.execution_count is None and has_code(cell):  # 0 says nothing
            yield RULE.at(Spot(cell.number))
