"""The cell is not Python.

It fails, and no tool can read what it defines: Python 2, half an edit, or marks of a merge.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB607",
    "unparsable-cell",
    Severity.ERROR,
    message="this cell is not Python: {why}",
    hint="correct the cell, or make it a markdown cell",
)
GOOD = [cells("print('a')")]
BAD = [
    (
        cells("print 'a'"),
        [
            "1:1 this cell is not Python: this is Python 2 (`print` without parentheses); rewrite it for Python 3, for example with 2to3"
        ],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The cells that do not compile."""
    for cell in view.cells:
        fault = cell.lifted.fault
        if fault is not None and not cell.is_skipped and not cell.lifted.cell.may_raise:
            yield RULE.at(Spot(cell.number, max(fault.line, 1), max(fault.column, 1)), why=fault.message)
