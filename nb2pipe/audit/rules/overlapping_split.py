"""The same rows are in training and test data.

The test score is too good: the model has seen the answers.
"""

from collections.abc import Iterator

from nb2pipe.analysis.tracing import Call, Thing, ancestors
from nb2pipe.audit.leakage import JOINING, SPLIT, side_of, splits
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB705",
    "overlapping-split",
    Severity.WARNING,
    message="{what}",
    hint="{cure}",
)
GOOD = [
    cells(
        "import pandas as pd\nd = pd.DataFrame({'a': range(9)})",
        "tr = d.sample(5, random_state=1)\nte = d.drop(tr.index)",
    )
]
BAD = [
    (
        cells(
            "import pandas as pd\nd = pd.DataFrame({'a': range(9)})",
            "train = d.sample(5, random_state=1)\ntest = d.sample(4, random_state=2)",
        ),
        ["2:2 `train` and `test` are both drawn from `d`: they share rows"],
    ),
    (
        cells("rows = list(range(9))", "train = rows[:6]\ntest = rows[4:]"),
        ["2:2 `train` and `test` take the same rows of `rows`"],
    ),
]
REPEATING = frozenset("repeat tile resample fit_resample fit_sample".split())
CHOOSING = frozenset("sample query head tail copy reset_index loc iloc nlargest nsmallest".split())
SIDES = ("train", "test", "val", "valid", "dev", "holdout", "tr", "te", "eval")


def check(view: View) -> Iterator[Finding]:
    """The overlaps of samples, and rows that are doubled before the split."""
    yield from _samples(view)
    yield from _doubled(view)
    yield from _slices(view)
    yield from _two_splits(view)


def _is_side(name: str) -> bool:
    return any(
        part in SIDES for part in name.lower().replace("-", "_").split("_")
    ) or name.lower().startswith(("train", "test", "valid"))


def _samples(view: View) -> Iterator[Finding]:
    """`train = df.sample(...)` and `test = df.sample(...)`."""
    known: list[tuple[str, Thing]] = []
    drawn = [(one, frame) for one in view.trace.bindings for frame in _drawn_from(one.thing)]
    for one, frame in drawn:
        other = next((name for name, thing in known if thing is frame and name != one.name), None)
        known.append((one.name, frame))
        for what, cure in _shared(view, one.name, frame, other):
            yield RULE.at(Spot(one.run.cell, one.place.line), what=what, cure=cure)


def _shared(view: View, name: str, frame: Thing, other: str | None) -> Iterator[tuple[str, str]]:
    """How the rows drawn from a frame are also in another part (drawn from it too, or the frame itself); the cure."""
    if other is not None and _is_side(other) and _is_side(name):
        source = min(frame.names or (), default="one frame")
        what = f"`{other}` and `{name}` are both drawn from `{source}`: they share rows"
        yield what, f"{name} = {source}.drop({other}.index)"
    tested = next((whole for whole in frame.names or () if side_of(whole) == "test"), "")
    if side_of(name) == "train" and view.trace.namespace.get(tested) is frame:
        what = f"`{tested}` is all of what `{name}` is drawn from: they share rows"
        yield what, f"{tested} = {tested}.drop({name}.index)"
    trained = next((whole for whole in frame.names or () if side_of(whole) == "train"), "")
    is_kept = not any(change.thing is frame and "drop" in change.how for change in view.changes)
    if side_of(name) == "test" and view.trace.namespace.get(trained) is frame and is_kept:
        what = f"`{name}` is drawn from `{trained}`, which keeps its rows"
        yield what, f"{trained} = {trained}.drop({name}.index)"


def _drawn_from(thing: Thing) -> Iterator[Thing]:
    """`d` for `d.sample(...)`, and for `d[rows]` or `d.iloc[rows]` with rows that were drawn."""
    if thing.origin.endswith(".sample") and thing.sources:
        yield thing.sources[0]
    elif thing.origin in ("item", "located") and len(thing.sources) > 1:
        key, source = thing.sources[1], thing.sources[0]
        if key.origin.rpartition(".")[2] in ("choice", "randint", "integers", "sample", "choices"):
            yield source.sources[0] if source.origin.endswith((".iloc", ".loc")) else source


def _doubled(view: View) -> Iterator[Finding]:
    """Rows that are there twice, and are split afterwards."""
    sources = {id(one) for call in splits(view) for argument in call.args for one in ancestors(argument)}
    seen: set[int] = set()
    for call in view.calls:
        if call.run.cell in seen or id(call.result) not in sources or not _doubles(view, call):
            continue
        seen.add(call.run.cell)
        what = f"`{call.method}` puts rows in twice before they are split: copies land on both sides"
        yield RULE.at(
            Spot(*call.place), what=what, cure="split first, then add copies to the training rows only"
        )


def _doubles(view: View, call: Call) -> bool:
    if call.method == "sample":
        return call.given.get("replace") is True
    if call.method in REPEATING:
        is_numpy = call.name in ("numpy.repeat", "numpy.tile", ".repeat")
        return not is_numpy or any(isinstance(one.const, int) and one.const > 1 for one in call.args)
    if call.method not in JOINING or call.given.get("axis", 0) not in (0, "index", ...):
        return False
    first = call.argument(0, "objs")
    if first is not None and first.given.get("op") == "Mult":  # `pd.concat([d] * 3)`
        return True
    parts = [*(first.keyed or {}).values()] if first is not None else []
    if call.receiver is not None and call.method == "append":
        parts = [call.receiver, *call.args]
    if len(parts) != len({id(part) for part in parts}):
        return True
    return any(
        one is not other and one.type != "str" and any(source is one for source in _chosen(other))
        for one in parts
        for other in parts
    )


def _chosen(thing: Thing) -> Iterator[Thing]:
    """What some rows were chosen from: `d` for `d[d.y == 1]`, `d.sample(9)`, `d.query(...)`."""
    one = thing
    for _ in range(6):
        last = one.origin.rpartition(".")[2]
        key = one.sources[1] if len(one.sources) > 1 else None
        is_mask = (
            last in ("item", "located") and key is not None and not isinstance(key.const, (str, list, int))
        )
        if not one.sources or not (is_mask or last in CHOOSING):
            return
        one = one.sources[0]
        yield one


def _slices(view: View) -> Iterator[Finding]:
    """`train = df[:800]` and `test = df[700:]`."""
    known: dict[str, tuple[Thing, int | None, int | None]] = {}
    for one in view.trace.bindings:
        found = _rows(one.thing) if _is_side(one.name) else None
        if found is None:
            continue
        source, start, stop = found
        for other, (its, low, high) in known.items():
            is_pair = other != one.name and _subject(one.name) == _subject(other)
            if its is source and is_pair and _overlap(start, stop, low, high):
                name = next(iter(sorted(source.names or ())), "the same data")
                yield RULE.at(
                    Spot(one.run.cell, one.run.line),
                    what=f"`{other}` and `{one.name}` take the same rows of `{name}`",
                    cure="let one begin where the other ends",
                )
        known[one.name] = found


def _rows(thing: Thing) -> tuple[Thing, int | None, int | None] | None:
    """The object and the slice of its rows that a thing is: `d[:80]`, `d.iloc[80:]`, `x[:80, 1]`, `d.head(80)`."""
    last, key = thing.origin.rpartition(".")[2], thing.given.get(0, ...)
    if not thing.sources:
        return None
    if last == "head" and isinstance(key, int) and key >= 0:
        return thing.sources[0], None, key
    if last not in ("item", "located"):
        return None
    piece = key[0] if isinstance(key, tuple) and key else key
    if key is ... and len(thing.sources) > 1:
        first = (thing.sources[1].keyed or {}).get(0)
        piece = first.const if first is not None else ...
    if not isinstance(piece, slice) or piece.step is not None:
        return None
    if any(isinstance(one, str) for one in (piece.start, piece.stop)):
        return None
    source = thing.sources[0]
    return (source.sources[0] if source.origin.endswith(".iloc") else source), piece.start, piece.stop


def _subject(name: str) -> str:
    """What a name is about, without its side: `X_train` is about `X`."""
    return "_".join(part for part in name.split("_") if not _is_side(part))


def _two_splits(view: View) -> Iterator[Finding]:
    """`X_train, _ = train_test_split(X)` and `_, X_test = train_test_split(X)`."""
    by_result = {id(call.result): call for call in splits(view)}
    names = {
        name: thing for name, thing in view.trace.namespace.items() if thing.origin == SPLIT and thing.sources
    }
    for name, thing in names.items():
        twin = name.replace("test", "train")
        if twin == name or twin not in names:
            continue
        ours, theirs = (by_result.get(id(one.sources[0])) for one in (thing, names[twin]))
        if ours is None or theirs is None or ours is theirs or ours.args[:1] != theirs.args[:1]:
            continue
        later = max(ours, theirs, key=lambda call: (view.place[call.run.cell], call.run.line))
        what = f"`{name}` comes from another split than `{twin}`: they share rows"
        yield RULE.at(later.run, what=what, cure="take both from one split")
        return


def _overlap(start: int | None, stop: int | None, low: int | None, high: int | None) -> bool:
    """Whether two slices, each with a literal bound, surely share rows."""
    first, second = sorted([(start or 0, stop), (low or 0, high)], key=lambda one: one[0])
    if (
        min(first[0], second[0]) < 0
        or (first[1] or 0) < 0
        or (second[1] or 0) < 0
        or (start, stop) == (low, high)
    ):
        return False
    return first[1] is not None and second[0] < first[1] and (second[0] > first[0] or second[1] is not None)
