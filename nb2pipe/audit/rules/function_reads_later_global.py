"""A function is called before the variable that it reads is bound.

The definition looks complete, but Python looks names up when the function runs: the call stops with NameError.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.audit.names import binder_of

RULE = Rule(
    "NB104",
    "function-reads-later-global",
    Severity.ERROR,
    message="`{function}` is called here and reads `{variable}`, which is first written in cell {writer}",
    hint="define `{variable}` before the call, or give it to `{function}` as an argument",
)
GOOD = [cells("def f():\n    return k", "k = 1", "f()")]
BAD = [
    (
        cells("def f():\n    return k", "f()", "k = 1"),
        ["2:1 `f` is called here and reads `k`, which is first written in cell 3"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The calls of functions that read what is bound later."""
    for one in view.names.get(RULE.name, ()):
        writer = binder_of(view.facts, one)
        cell, (line, column) = one.place
        yield RULE.at(
            Spot(one.cell, one.spot[0], one.spot[1] + 1),
            variable=one.name,
            related=[Spot(cell, line, column + 1), Spot(writer)],
            function=one.function,
            writer=writer,
        )
