"""The column to predict is still among the features.

The model reads the answer; in production the answer is not known.
"""

from collections.abc import Iterator

from nb2pipe.analysis.tracing import Thing, ancestors
from nb2pipe.audit.columns import column_of, keeps_column
from nb2pipe.audit.leakage import SPLIT, fits
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB703",
    "target-in-features",
    Severity.WARNING,
    message="`{variable}` still holds the column {column}, which is the target",
    hint="leave the column out: {variable} = {frame}.drop(columns={column})",
)
DATA = "import pandas as pd\nd = pd.DataFrame({'a': [1, 2, 3], 'y': [0, 1, 0]})\nfrom sklearn.linear_model import LogisticRegression"
GOOD = [cells(DATA, "X = d.drop(columns='y')\ny = d['y']", "LogisticRegression().fit(X, y)")]
BAD = [
    (
        cells(DATA, "X = d\ny = d['y']", "LogisticRegression().fit(X, y)"),
        ["2:1 `X` still holds the column 'y', which is the target"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The pairs of features and target that are learned from, or split."""
    seen: set[int] = set()
    learning = [call for call in view.calls if call.name == SPLIT]
    learning += fits(view)
    pairs = [(call.argument(0, "X"), call.argument(1, "y")) for call in learning]
    for features, target in (*pairs, *_named_pairs(view)):
        if features is None or target is None or id(features) in seen:
            continue
        frame, column = column_of(target)
        if (
            frame is None
            or not isinstance(column, (str, int))
            or not keeps_column(view, features, frame, column)
        ):
            continue
        seen.add(id(features))
        bindings = view.bound.get(id(features), ())
        binding = next((one for one in bindings if _is_features(one.name, view, frame)), None)
        if binding is not None:
            names = sorted(frame.names or ())
            yield RULE.at(
                Spot(binding.run.cell, binding.place.line),
                variable=binding.name,
                column=repr(column),
                frame=names[0] if names else "frame",
            )


def _is_features(name: str, view: View, frame: Thing) -> bool:
    first = next((one.name for one in view.bound.get(id(frame), ())), "")
    return name != first or name in FEATURES


def _named_pairs(view: View) -> Iterator[tuple[Thing, Thing]]:
    """`X = ...` and `y = ...` as everybody calls them, in one cell, where no later cell takes `X` further."""
    by_cell: dict[int, dict[str, Thing]] = {}
    for one in view.trace.bindings:
        by_cell.setdefault(one.run.cell, {})[one.name] = one.thing
    for names in by_cell.values():
        for features, target in PAIRS:
            if features in names and target in names:
                last = view.trace.namespace.get(features)
                thing = names[features]
                if last is None or last is thing or thing not in ancestors(last, 60):
                    yield thing, names[target]


PAIRS = (
    ("X", "y"),
    ("x", "y"),
    ("X", "Y"),
    ("features", "target"),
    ("X_train", "y_train"),
    ("features", "labels"),
)
FEATURES = frozenset(features for features, _ in PAIRS)
