"""Training and test rows, followed from the split to where they are used."""

from collections.abc import Iterator

from nb2pipe.analysis.tracing import Call, Thing, ancestors

from .model import View

SPLIT = "sklearn.model_selection.train_test_split"
FITTING = frozenset("fit fit_transform fit_predict fit_resample partial_fit".split())
# A look at the same rows: selections and conversions, not results computed from them.
SAME_ROWS = frozenset(
    "values array ravel reshape to_numpy copy astype fillna reset_index flatten squeeze toarray to_frame T item located"
    " asarray scale transform fit_transform drop get_dummies element DataFrame Series loc iloc round clip replace".split()
)


def splits(view: View) -> Iterator[Call]:
    """The calls that split rows into training and test."""
    for call in view.calls:
        if call.name == SPLIT:
            yield call


def fits(view: View) -> Iterator[Call]:
    """The calls that learn from rows, by an estimator or an object that is used like one."""
    for call in view.calls:
        if call.receiver is not None and call.method in FITTING and (call.args or call.keywords):
            yield call


def fitted_on(call: Call) -> Thing | None:
    """The rows that a fit learns from."""
    return call.argument(0, "X", "x", "raw_documents")


def role_of(view: View, thing: Thing | None) -> str:
    """The part that an estimator plays, by what made it."""
    for one in (thing, *(thing.alts if thing is not None else ())):
        if one is not None:
            role = view.know.estimator(one.origin) or (view.know.estimator(one.type) if one.type else "")
            if role:
                return role
    return ""


def same_rows(thing: Thing, limit: int = 40) -> Iterator[Thing]:
    """The thing and what it is a selection or conversion of."""
    row, seen = [thing], {id(thing)}
    for one in row:
        yield one
        last = one.origin.rpartition(".")[2]
        sources = [*one.alts]
        if last in SAME_ROWS or one.origin in ("operator", "part"):
            sources += (
                one.sources[:2] if last in ("transform", "fit_transform", "get_dummies") else one.sources[:1]
            )
        for source in sources:
            if id(source) not in seen and len(row) < limit:
                seen.add(id(source))
                row.append(source)


def is_test_part(thing: Thing | None) -> bool:
    """Whether these are the test rows of a split."""
    return thing is not None and any(
        one.origin == SPLIT and one.index is not None and one.index % 2 == 1 for one in same_rows(thing)
    )


def is_train_part(thing: Thing | None) -> bool:
    """Whether these are the training rows of a split."""
    return thing is not None and any(
        one.origin == SPLIT and one.index is not None and one.index % 2 == 0 for one in same_rows(thing)
    )


def comes_from(thing: Thing, others: set[int]) -> bool:
    """Whether it was computed from one of these (by identity)."""
    return any(id(one) in others for one in ancestors(thing))


def is_test_score(view: View, call: Call) -> bool:
    """Whether a call computes a score on the test rows."""
    if call.receiver is not None and call.method in ("score", "evaluate"):
        return is_test_part(call.argument(0, "X", "x"))
    is_metric = view.know.estimator(call.name) == "metric" or call.method.endswith(("_score", "_error"))
    return is_metric and any(is_test_part(one) for one in call.args[:2])
