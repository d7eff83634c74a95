"""The notebook was saved with an exception in it.

The run that made it did not reach the end, so the cells below show results of other runs.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.audit.saved import errors

RULE = Rule(
    "NB209",
    "saved-error-output",
    Severity.WARNING,
    message="this cell was saved with {what}",
    hint="repair the cell and run the notebook again, or tag the cell raises-exception if the error is meant",
)
GOOD = [cells("import json")]
BAD = [
    (
        cells("import json", out={1: ("error", "ImportError", "no")}),
        ["1:1 this cell was saved with ImportError: no"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The cells with a saved exception."""
    for cell in view.cells:
        if cell.lifted.cell.may_raise:
            continue
        for one in errors(cell):
            text = str(one.get("evalue") or "").strip().split("\n")[0][:80]
            yield RULE.at(
                Spot(cell.number), what=f"{one.get('ename') or 'an error'}" + (f": {text}" if text else "")
            )
            break
