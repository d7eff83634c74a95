"""Cells were run that are gone, or were run again.

What they left behind may still be in the saved results, but it is not in the text.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.graph import counts_of

RULE = Rule(
    "NB107",
    "execution-count-gap",
    Severity.INFO,
    message="{missing} ran before this cell and {verb} gone, or ran again",
    hint="restart the kernel and run all cells from top to bottom before saving",
)
GOOD = [cells("a = 1", "", "print(a)", counts=[1, None, 2])]
BAD = [
    (
        cells("a = 1", "print(a)", counts=[1, 4]),
        ["2:1 number 2 to 3 ran before this cell and are gone, or ran again"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The cells whose counts follow missing numbers; at most three of them, the largest gaps."""
    by_count = sorted((count, cell) for cell, count in counts_of(view.facts).items())
    gaps = []
    before = 0
    for count, cell in by_count:
        if count > before + 1:
            gaps.append((count - before - 1, cell, before + 1, count - 1))
        before = count
    for size, cell, first, last in sorted(sorted(gaps, reverse=True)[:3], key=lambda gap: gap[1]):
        words = f"number {first}" if size == 1 else f"number {first} to {last}"
        yield RULE.at(Spot(cell), missing=words, verb="is" if size == 1 else "are")
