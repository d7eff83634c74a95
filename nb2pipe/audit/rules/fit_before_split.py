"""Something was learned from all rows before they were split.

The test score is too good, and production will be worse: the scaler, imputer or selection has seen the test rows.
"""

import ast
from collections.abc import Iterable, Iterator

from nb2pipe.analysis.tracing import Call, Place, Thing, ancestors
from nb2pipe.audit.leakage import (
    fits,
    fitted_on,
    learning_functions,
    manual_sides,
    role_of,
    splits,
    statistic_in,
    statistic_of,
)
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells, once, where

RULE = Rule(
    "NB701",
    "fit-before-split",
    Severity.WARNING,
    message="`{what}` learns from all rows here, and cell {split} splits them later: the test rows are known already",
    hint="split first, then fit on the training rows only, or put it into a Pipeline",
)
SCALED = "from sklearn.preprocessing import StandardScaler\nfrom sklearn.model_selection import train_test_split\nX = [[1], [2], [3], [4]]"
GOOD = [cells(SCALED, "a, b = train_test_split(X, random_state=0)", "s = StandardScaler().fit(a)")]
BAD = [
    (
        cells(SCALED, "X = StandardScaler().fit_transform(X)", "a, b = train_test_split(X, random_state=0)"),
        [
            "2:1 `StandardScaler` learns from all rows here, and cell 3 splits them later: the test rows are known already"
        ],
    ),
    (
        cells(SCALED, "s = StandardScaler().fit(X)", "X = s.transform(X)", "X_train, X_test = X[:3], X[3:]"),
        [
            "2:1 `StandardScaler` learns from all rows here, and cell 4 splits them later: the test rows are known already"
        ],
    ),
]
# They number the classes of the target, which tells nothing about the rows.
LABELS = ("LabelEncoder", "LabelBinarizer", "MultiLabelBinarizer")
Parts = list[tuple[Place, dict[int, Thing]]]


def check(view: View) -> Iterator[Finding]:
    """One finding for each cell that learns from rows which are split later."""
    parts = [*_splits(view)]
    seen: set[int] = set()
    for spot, what, split in (*_fitted(view, parts), *_computed(view, parts)):
        if spot.cell not in seen:
            seen.add(spot.cell)
            yield RULE.at(spot, related=[split], what=what, split=split.cell)


def _fitted(view: View, parts: Parts) -> Iterator[tuple[Spot, str, Place]]:
    """What an estimator or a function of a library learns, by where it does."""
    for fit in (*fits(view), *learning_functions(view)):
        name = _name(fit)
        if fitted_on(fit) is None or name in LABELS or not _transforms(view, fit):
            continue
        for split, sources in parts:
            if _is_before(view, fit.run, split) and _flows(view, fit, sources):
                yield where(fit), name, split
                break


def _transforms(view: View, fit: Call) -> bool:
    """Whether what is fitted changes rows; of an unknown thing only `fit_transform` tells."""
    if fit.receiver is None:
        return True
    role = role_of(view, fit.receiver)
    return role in ("transformer", "pipeline") or (not role and fit.method == "fit_transform")


def _computed(view: View, parts: Parts) -> Iterator[tuple[Spot, str, Place]]:
    """What the notebook computes itself from all rows: `(X - X.mean()) / X.std()`, `d.fillna(d.median())`."""
    filled = [
        (change, statistic)
        for change in view.changes
        if change.how == "inplace:fillna" and change.value is not None
        for statistic in [statistic_of(change.value, change.thing)]
        if statistic
    ]
    for split, sources in parts:
        for change, statistic in filled:
            whole = {id(one) for one in ancestors(change.thing, 4)}
            if whole & sources.keys() and _is_before(view, change.run, split):
                yield where(change), statistic, split
        for one in sources.values():
            statistic = statistic_in(one)
            if statistic and _is_before(view, one.place, split) and not _is_in_function(view, one.place):
                yield Spot(*one.place), statistic, split


def _is_in_function(view: View, place: Place) -> bool:
    return any(
        isinstance(one.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        for one in view.statements_at(place.cell, place.line)
    )


def _name(fit: Call) -> str:
    made = fit.receiver.origin if fit.receiver is not None else fit.name
    return made.rpartition(".")[2]


def _splits(view: View) -> Iterator[tuple[Place, dict[int, Thing]]]:
    """Where rows are split, and all that the rows were computed from."""
    for call in splits(view):
        yield call.run, _all_sources(view, call.run, call.args)
    sides = manual_sides(view)
    for one in view.trace.bindings if sides else ():
        if sides.get(id(one.thing)) == "test":
            yield one.run, _all_sources(view, one.run, one.thing.sources[:1])


def _all_sources(view: View, split: Place, things: Iterable[Thing]) -> dict[int, Thing]:
    """All that the rows were computed from, also what was written into them before."""
    found = {id(one): one for thing in things for one in ancestors(thing)}
    waiting = [*found]
    while waiting:
        for change in view.changes_of.get(waiting.pop(), ()):
            if (
                change.value is not None
                and change.certainty != "possible"
                and _is_before(view, change.run, split)
            ):
                new = {id(one): one for one in ancestors(change.value) if id(one) not in found}
                found |= new
                waiting += new
    return found


def _is_before(view: View, first: Place, second: Place) -> bool:
    return (view.place[first.cell], first.line) <= (view.place[second.cell], second.line)


def _flows(view: View, fit: Call, sources: dict[int, Thing]) -> bool:
    """Whether what was learned goes into the rows that are split."""
    if id(fit.result) in sources and fit.method != "fit":
        return True
    return any(id(call.result) in sources and _is_same(call.receiver, fit) for call in _transforming(view))


@once
def _transforming(view: View) -> list[Call]:
    return [call for call in view.calls if call.method == "transform"]


def _is_same(thing: Thing | None, fit: Call) -> bool:
    """Whether it is the fitted object, which `fit` also gives back."""
    return thing is not None and (thing is fit.receiver or thing is fit.result or fit.receiver in thing.alts)
