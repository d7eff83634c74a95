"""Training and test rows, followed from the split to where they are used."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from nb2pipe.analysis.tracing import Call, Thing, ancestors

from .model import View, once

SPLIT = "sklearn.model_selection.train_test_split"
NO_SIDES: Mapping[int, str] = MappingProxyType({})
JOINING = frozenset("concat concatenate vstack append row_stack r_".split())
VALIDATION = {"val", "valid", "validation", "dev", "eval", "xval", "yval"}
FITTING = frozenset("fit fit_transform fit_predict fit_resample partial_fit".split())
STATISTICS = frozenset(
    "mean median mode std var min max quantile nanmean nanmedian nanstd amax amin ptp".split()
)
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


def learning_functions(view: View) -> Iterator[Call]:
    """The calls of functions that learn from rows and change them: `scale(X)`."""
    return (call for call in view.calls if view.know.estimator(call.name) == "learning_function")


def statistic_in(thing: Thing) -> str:
    """What is computed from all rows and put into them: the mean in `x - x.mean()`, `x.fillna(x.mean())`; else ""."""
    last = thing.origin.rpartition(".")[2]
    is_scaling = thing.origin in ("operator", "augmented") and thing.given.get("op") in ("Sub", "Div")
    if last == "transform" and thing.sources and str(thing.given.get(0)) in STATISTICS:
        grouped = any(one.origin.endswith("groupby") for one in ancestors(thing.sources[0], 6))
        return f"groupby().{thing.given[0]}" if grouped else ""
    if not is_scaling and last not in ("fillna", "map"):
        return ""
    return statistic_of(thing.sources[1], thing.sources[0]) if len(thing.sources) > 1 else ""


def statistic_of(thing: Thing, rows: Thing) -> str:
    """The statistic of these rows that a thing is, else ""."""
    known = {id(one) for one in ancestors(rows, 8)}
    statistic = _statistic(thing)
    if statistic is not None and any(id(source) in known for source in ancestors(statistic, 8)):
        return statistic.origin.rpartition(".")[2]
    return ""


def _statistic(thing: Thing) -> Thing | None:
    """`x.mean()`, `x.max() - x.min()`, `x.mode()[0]`."""
    if thing.origin.rpartition(".")[2] in STATISTICS and thing.sources:
        return thing
    if thing.origin == "item":
        return _statistic(thing.sources[0])
    if thing.origin == "display":  # `{"a": d.a.mean()}`
        parts = [_statistic(one) for one in (thing.keyed or {}).values()]
        return next((one for one in parts if one is not None), None)
    if thing.origin == "operator" and len(thing.sources) == 2:
        parts = [_statistic(one) for one in thing.sources]
        return parts[0] if None not in parts else None
    return None


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


def is_joined(thing: Thing | None, sides: Mapping[int, str] = NO_SIDES) -> bool:
    """Whether training and test rows were put together again: `np.vstack([X_train, X_test])`."""
    for one in same_rows(thing) if thing is not None else ():
        if one.origin.rpartition(".")[2] in JOINING and one.sources:
            parts = [*(one.sources[0].parts or ()), *(one.sources[0].keyed or {}).values(), *one.sources]
            if any(is_test_part(part, sides) for part in parts):
                return any(is_train_part(part, sides) for part in parts)
    return False


def is_test_part(thing: Thing | None, sides: Mapping[int, str] = NO_SIDES) -> bool:
    """Whether these are the test rows of a split; what is split off the training rows is for validation."""
    return thing is not None and any(
        sides.get(id(one)) == "test"
        or (one.origin == SPLIT and one.index is not None and one.index % 2 == 1 and not _validates(one))
        for one in same_rows(thing)
    )


def is_train_part(thing: Thing | None, sides: Mapping[int, str] = NO_SIDES) -> bool:
    """Whether these are the training rows of a split."""
    return thing is not None and any(
        sides.get(id(one)) == "train"
        or (one.origin == SPLIT and one.index is not None and one.index % 2 == 0)
        for one in same_rows(thing)
    )


def _validates(part: Thing) -> bool:
    """Whether a split-off part is of the training rows, or is called so."""
    if any(VALIDATION & words(name) for name in part.names or ()):
        return True
    whole = part.sources[0] if part.sources else None
    split = whole.sources if whole is not None and whole.origin == SPLIT else part.sources
    return any(one.origin != SPLIT or one.index is not None for one in split) and any(
        is_train_part(one) for one in split if one is not whole
    )


def words(name: str) -> set[str]:
    """The words of a name: `X_test2` has `x` and `test`."""
    return {part.rstrip("0123456789") for part in name.lower().split("_")}


def side_of(name: str) -> str:
    """Whether a name is one for training or for test rows: train, test, or ""."""
    found = words(name)
    if found & {"train", "training", "xtrain", "ytrain"}:
        return "train"
    return "test" if found & {"test", "testing", "holdout", "xtest", "ytest"} else ""


@once
def manual_sides(view: View) -> Mapping[int, str]:
    """Training and test rows that are taken from one object without `train_test_split`, by their names."""
    found: dict[int, dict[str, list[Thing]]] = {}
    for one in view.trace.bindings:
        side, source = side_of(one.name), _cut_from(one.thing)
        if side and source is not None:
            found.setdefault(id(source), {}).setdefault(side, []).append(one.thing)
    return {
        id(thing): side
        for sides in found.values()
        if len(sides) == 2
        for side, things in sides.items()
        for thing in things
    }


def _cut_from(thing: Thing) -> Thing | None:
    """What some rows were taken from: `df[:80]`, `df.iloc[80:]`, `df[mask]`, `df.sample(...)`, `df.drop(rows)`."""
    last, key = thing.origin.rpartition(".")[2], thing.given.get(0, ...)
    is_rows = last in ("sample", "drop", "head", "tail", "query") and not thing.given.keys() & {
        "columns",
        "axis",
    }
    if not thing.sources or not (
        is_rows or (thing.origin in ("item", "located") and not isinstance(key, (str, list)))
    ):
        return None
    return thing.sources[0]


def is_test_score(view: View, call: Call, sides: Mapping[int, str] = NO_SIDES) -> bool:
    """Whether a call computes a score on the test rows."""
    if call.receiver is not None and call.method in ("score", "evaluate"):
        return is_test_part(call.argument(0, "X", "x"), sides)
    if call.method in ("mean", "sum"):  # np.mean(predicted != y_test)
        hits = (
            call.receiver if call.receiver is not None and call.receiver.kind == "value" else call.argument(0)
        )
        is_compared = hits is not None and hits.origin == "comparison"
        return is_compared and any(is_test_part(one, sides) for one in hits.sources)  # type: ignore[union-attr]
    is_metric = view.know.estimator(call.name) == "metric" or call.method.endswith(("_score", "_error"))
    return is_metric and any(is_test_part(one, sides) for one in (*call.args[:2], *call.keywords.values()))
