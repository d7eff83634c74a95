"""The seed comes after the first draw of its generator.

That draw is another one in every run.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells, where
from nb2pipe.audit.streams import draws

RULE = Rule(
    "NB403",
    "seeds-after-draw",
    Severity.WARNING,
    message="{stream} is seeded here, but cell {cell} has drawn from it before",
    hint="seed in the first cell",
)
GOOD = [cells("import random\nrandom.seed(1)", "x = random.random()")]
BAD = [
    (
        cells("import random\nx = random.random()", "random.seed(1)"),
        ["2:1 random is seeded here, but cell 1 has drawn from it before"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The first seed of each generator, where draws come before it."""
    drawn: dict[str, Spot] = {}
    seeded: set[str] = set()
    for one in draws(view):
        if one.role == "seed":
            if one.stream in drawn and one.stream not in seeded:
                first = drawn[one.stream]
                yield RULE.at(where(one.call), related=[first], stream=one.stream, cell=first.cell)
            seeded.add(one.stream)
        elif one.stream != "entropy" and not one.call.is_guarded:
            drawn.setdefault(one.stream, Spot(*one.call.run))
