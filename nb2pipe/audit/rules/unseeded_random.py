"""Numbers are drawn from a generator that nobody seeded.

Every run gives another result. Seeding another generator than the one drawn from does not help.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, View, cells, where
from nb2pipe.audit.streams import OWN_OBJECT, SEEDED, draws, first_use

RULE = Rule(
    "NB401",
    "unseeded-random",
    Severity.WARNING,
    message="numbers are drawn from {stream} here, and nobody seeds it: every run gives another result",
    hint="{cure}",
)
GOOD = [cells("import random\nrandom.seed(1)", "x = random.random()")]
BAD = [
    (
        cells("import random", "x = random.random()"),
        ["2:1 numbers are drawn from random here, and nobody seeds it: every run gives another result"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The first draw of each generator that is never seeded."""
    every = draws(view)
    seeded = {one.stream for one in every if one.role == "seed"}
    seen: set[object] = set()
    for one in every:
        key = (one.stream, one.call.run.cell) if one.stream in OWN_OBJECT else one.stream
        if one.role != "draw" or one.is_estimator or one.stream in seeded or key in seen:
            continue
        seen.add(key)
        stream = f"`{one.call.name}()`" if one.stream == "entropy" else one.stream
        cure = SEEDED.get(one.stream)
        drawing = first_use(view, one.call) if one.stream in OWN_OBJECT else one.call
        yield RULE.at(
            where(drawing),
            related=[one.call.place] if one.call.is_inside or drawing is not one.call else [],
            stream=stream,
            cure=f"call {cure} first" if cure else "give it a seed",
        )
