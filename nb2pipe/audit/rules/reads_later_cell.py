"""A cell reads a variable that only a later cell writes.

A clean run stops here with NameError: it worked once only because cells were run out of order.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.audit.names import binder_of

RULE = Rule(
    "NB101",
    "reads-later-cell",
    Severity.ERROR,
    message="`{variable}` is read here, but first written in cell {writer}",
    hint="move cell {writer} above this cell, or define `{variable}` before it is read",
)
GOOD = [cells("x = 1", "print(x)")]
BAD = [(cells("print(x)", "x = 1"), ["1:1 `x` is read here, but first written in cell 2"])]


def check(view: View) -> Iterator[Finding]:
    """The reads whose name a later cell binds."""
    for one in view.names.get(RULE.name, ()):
        writer = binder_of(view.facts, one)
        spot = Spot(one.cell, one.spot[0], one.spot[1] + 1)
        yield RULE.at(spot, variable=one.name, related=[Spot(writer)], writer=writer)
