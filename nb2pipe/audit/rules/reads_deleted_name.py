"""A name was deleted and is read without being bound again.

`del`, and the end of `except ... as name`, take a name away: a clean run stops here with NameError.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB103",
    "reads-deleted-name",
    Severity.ERROR,
    message="`{variable}` is read here, but was deleted before",
    hint="read `{variable}` before it is deleted, or bind it again",
)
GOOD = [cells("x = 1", "del x", "x = 2", "print(x)")]
BAD = [(cells("x = 1", "del x", "print(x)"), ["3:1 `x` is read here, but was deleted before"])]


def check(view: View) -> Iterator[Finding]:
    """The reads of deleted names."""
    for one in view.names.get(RULE.name, ()):
        deleters = [
            Spot(cell.number)
            for cell in view.graph.cells
            if one.name in cell.deletes and cell.number <= one.cell
        ]
        yield RULE.at(Spot(one.cell, one.spot[0], one.spot[1] + 1), variable=one.name, related=deleters[-1:])
