"""Something was learned from all rows before they were split.

The test score is too good, and production will be worse: the scaler, imputer or selection has seen the test rows.
"""

from collections.abc import Iterable, Iterator

from nb2pipe.analysis.tracing import Call, Place, Thing, ancestors
from nb2pipe.audit.leakage import fits, fitted_on, manual_sides, role_of, splits
from nb2pipe.audit.model import Finding, Rule, Severity, View, cells, where

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


def check(view: View) -> Iterator[Finding]:
    """One finding for each fit on rows that are split later."""
    parts = [*_splits(view)]
    seen: set[int] = set()
    for fit in (*fits(view), *_learning_functions(view)):
        rows = fitted_on(fit)
        name = _name(fit)
        if rows is None or name in LABELS or fit.run.cell in seen:
            continue
        if fit.receiver is not None and role_of(view, fit.receiver) != "transformer":
            continue
        for split, sources in parts:
            if _is_before(view, fit.run, split) and _flows(view, fit, sources):
                seen.add(fit.run.cell)
                yield RULE.at(where(fit), related=[split], what=name, split=split.cell)
                break


def _learning_functions(view: View) -> Iterator[Call]:
    return (call for call in view.calls if view.know.estimator(call.name) == "learning_function")


def _name(fit: Call) -> str:
    made = fit.receiver.origin if fit.receiver is not None else fit.name
    return made.rpartition(".")[2]


def _splits(view: View) -> Iterator[tuple[Place, set[int]]]:
    """Where rows are split, and all that the rows were computed from."""
    for call in splits(view):
        yield call.run, _all_sources(view, call.run, call.args)
    sides = manual_sides(view)
    for one in view.trace.bindings if sides else ():
        if sides.get(id(one.thing)) == "test":
            yield one.run, _all_sources(view, one.run, one.thing.sources[:1])


def _all_sources(view: View, split: Place, things: Iterable[Thing]) -> set[int]:
    """All that the rows were computed from, also what was written into them before."""
    found = {id(one) for thing in things for one in ancestors(thing)}
    for change in view.changes:
        is_written = change.value is not None and id(change.thing) in found
        if is_written and _is_before(view, change.run, split):
            found |= {id(one) for one in ancestors(change.value)}  # type: ignore[arg-type]
    return found


def _is_before(view: View, first: Place, second: Place) -> bool:
    return (view.place[first.cell], first.line) <= (view.place[second.cell], second.line)


def _flows(view: View, fit: Call, sources: set[int]) -> bool:
    """Whether what was learned goes into the rows that are split."""
    if id(fit.result) in sources and fit.method != "fit":
        return True
    return any(
        call.method == "transform" and id(call.result) in sources and _is_same(call.receiver, fit)
        for call in view.calls
    )


def _is_same(thing: Thing | None, fit: Call) -> bool:
    """Whether it is the fitted object, which `fit` also gives back."""
    return thing is not None and (thing is fit.receiver or thing is fit.result or fit.receiver in thing.alts)
