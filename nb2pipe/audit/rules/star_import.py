"""All names of a module are imported.

Which names exist depends on the installed version, and a new release can replace one of yours.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB210",
    "star-import",
    Severity.WARNING,
    message="{what} brings names that depend on the installed version",
    hint="import the names that the notebook uses",
)
GOOD = [cells("from math import pi", "print(pi)")]
BAD = [
    (
        cells("from math import *", "print(pi)"),
        ["1:1 `from math import *` brings names that depend on the installed version"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The star imports and `%pylab`."""
    for cell in view.cells:
        for one in cell.statements:
            for module in one.star_imports:
                yield RULE.at(Spot(cell.number, one.first), what=f"`from {module} import *`")
        for use in cell.lifted.magics:
            if use.name == "pylab":
                yield RULE.at(Spot(cell.number, use.line), what="`%pylab`")
