"""A name is bound under a magic that keeps it to itself.

`%timeit` runs in a scope of its own and `%%bash` in another process: later cells do not see the name.
"""

from collections.abc import Iterator

from nb2pipe.analysis.magic_names import lost_in_magic
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB506",
    "definition-lost-in-magic",
    Severity.ERROR,
    message="`{variable}` is bound under a magic that keeps it to itself, and cell {reader} reads it",
    hint="bind `{variable}` in a cell without the magic",
)
GOOD = [cells("%%time\nx = 1", "print(x)")]
BAD = [
    (
        cells("%%timeit\nx = 1", "print(x)"),
        ["1:2 `x` is bound under a magic that keeps it to itself, and cell 2 reads it"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The names that are lost and read later."""
    for one in view.names.get(RULE.name, ()):
        for cell in view.cells[: one.cell]:
            lines = lost_in_magic(cell)
            if one.name in lines and not one.is_guarded:
                spot = Spot(one.cell, one.spot[0], one.spot[1] + 1)
                yield RULE.at(
                    Spot(cell.number, lines[one.name]), variable=one.name, related=[spot], reader=one.cell
                )
                break
