"""A split or a model draws random numbers without a seed.

The score changes from run to run.
"""

from collections.abc import Iterator

from nb2pipe.analysis.tracing import Thing
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.audit.streams import draws

RULE = Rule(
    "NB402",
    "unseeded-estimator",
    Severity.WARNING,
    message="{names} without a seed: the result changes from run to run",
    hint="give random_state, or seed the generator before",
)
GOOD = [
    cells(
        "from sklearn.model_selection import train_test_split",
        "a, b = train_test_split([1, 2, 3], random_state=0)",
    )
]
BAD = [
    (
        cells("from sklearn.model_selection import train_test_split", "a, b = train_test_split([1, 2, 3])"),
        ["2:1 `train_test_split` draws without a seed: the result changes from run to run"],
    )
]
ENSEMBLES = ("sklearn.ensemble.Bagging", "sklearn.ensemble.AdaBoost")


def check(view: View) -> Iterator[Finding]:
    """One finding for each cell that makes such a thing."""
    seeded: set[str] = set()
    seeded_by_another = {id(thing) for thing in _bases(view)}
    found: dict[int, list[tuple[str, object]]] = {}
    places: dict[int, Spot] = {}
    for one in draws(view):
        if one.role == "seed":
            seeded.add(one.stream)
        elif one.is_estimator and one.stream not in seeded and id(one.call.result) not in seeded_by_another:
            cell = one.call.place.cell
            places.setdefault(cell, Spot(*one.call.place))
            found.setdefault(cell, []).append((one.call.method, one))
    for cell, ones in found.items():
        names = list(dict.fromkeys(name for name, _ in ones))
        words = ", ".join(f"`{name}`" for name in names[:4]) + (" draws" if len(names) == 1 else " draw")
        yield RULE.at(places[cell], names=words)


def _bases(view: View) -> Iterator[Thing]:
    """The estimators that an ensemble clones and seeds itself: `BaggingClassifier(tree, random_state=1)`."""
    for call in view.calls:
        if call.name.startswith(ENSEMBLES) and call.given.get("random_state") is not None:
            yield from (*call.args, *call.keywords.values())
