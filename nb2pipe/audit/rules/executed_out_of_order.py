"""The saved results come from another order of the cells, or from two sessions.

The execution counts do not grow down the page: a clean run, from top to bottom, may give other results.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.graph import counts_of

RULE = Rule(
    "NB106",
    "executed-out-of-order",
    Severity.WARNING,
    message="this cell ran as number {count}, a cell above it as number {above}: the saved results come from another order",
    hint="restart the kernel and run all cells from top to bottom before saving",
)
GOOD = [cells("a = 1", "print(a)", counts=[1, 2])]
BAD = [
    (
        cells("a = 1", "print(a)", counts=[2, 1]),
        [
            "2:1 this cell ran as number 1, a cell above it as number 2: the saved results come from another order"
        ],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The first cell whose count does not grow."""
    largest, holder = 0, 0
    for number, count in counts_of(view.facts).items():
        if count <= largest:
            yield RULE.at(Spot(number), related=[Spot(holder)], count=count, above=largest)
            return
        largest, holder = count, number
