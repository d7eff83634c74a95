"""The same rows are in training and test data.

The test score is too good: the model has seen the answers.
"""

import ast
import re
from collections.abc import Iterator

from nb2pipe.analysis.tracing import Call, Thing, ancestors
from nb2pipe.audit.leakage import SPLIT, side_of, splits
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
JOINING = frozenset("concat concatenate vstack append row_stack r_".split())
REPEATING = frozenset("repeat tile resample fit_resample fit_sample".split())
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
    drawn = [one for one in view.trace.bindings if one.thing.origin.endswith(".sample") and one.thing.sources]
    for one in drawn:
        frame = one.thing.sources[0]
        other = next((name for name, thing in known if thing is frame and name != one.name), None)
        if other is not None and _is_side(other) and _is_side(one.name):
            source = sorted(frame.names or ()) or ["one frame"]
            what = f"`{other}` and `{one.name}` are both drawn from `{source[0]}`: they share rows"
            cure = f"{one.name} = {source[0]}.drop({other}.index)"
            yield RULE.at(Spot(one.run.cell, one.place.line), what=what, cure=cure)
        known.append((one.name, frame))
        whole = next((name for name in frame.names or () if side_of(name) == "train"), "")
        is_whole = view.trace.namespace.get(whole) is frame and side_of(one.name) == "test"
        if is_whole and not any(change.thing is frame and "drop" in change.how for change in view.changes):
            what = f"`{one.name}` is drawn from `{whole}`, which keeps its rows"
            cure = f"{whole} = {whole}.drop({one.name}.index)"
            yield RULE.at(Spot(one.run.cell, one.place.line), what=what, cure=cure)


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
    parts = [*(first.keyed or {}).values()] if first is not None else []
    if call.receiver is not None and call.method == "append":
        parts = [call.receiver, *call.args]
    return len(parts) != len({id(part) for part in parts})


def _slices(view: View) -> Iterator[Finding]:
    """`train = df[:800]` and `test = df[700:]`."""
    known: dict[str, tuple[str, int, int | None, int | None]] = {}
    for cell in view.cells:
        for statement in cell.statements:
            node = statement.node
            if not (
                isinstance(node, ast.Assign)
                and len(node.targets) == 1
                and isinstance(node.targets[0], ast.Name)
            ):
                continue
            found = _rows(node.value)
            name = node.targets[0].id
            if found is None or not _is_side(name):
                continue
            source, start, stop = found
            for other, (its, _, low, high) in known.items():
                if (
                    its == source
                    and other != name
                    and _overlap(start, stop, low, high)
                    and _subject(name) == _subject(other)
                ):
                    what = f"`{other}` and `{name}` take the same rows of `{source}`"
                    yield RULE.at(
                        Spot(cell.number, statement.first),
                        what=what,
                        cure="let one begin where the other ends",
                    )
            known[name] = (source, cell.number, start, stop)


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
        other = names.get(re.sub("test", "train", name)) if "test" in name else None
        ours, theirs = (
            by_result.get(id(thing.sources[0])),
            by_result.get(id(other.sources[0])) if other else None,
        )
        if not (ours and theirs and other) or ours is theirs or ours.args[:1] != theirs.args[:1]:
            continue
        later = max(ours, theirs, key=lambda call: (view.place[call.run.cell], call.run.line))
        what = f"`{name}` comes from another split than `{re.sub('test', 'train', name)}`: they share rows"
        yield RULE.at(later.run, what=what, cure="take both from one split")
        return


def _rows(node: ast.expr) -> tuple[str, int | None, int | None] | None:
    if not isinstance(node, ast.Subscript):
        return None
    owner = (
        node.value.value
        if isinstance(node.value, ast.Attribute) and node.value.attr == "iloc"
        else node.value
    )
    piece = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
    if not isinstance(owner, ast.Name) or not isinstance(piece, ast.Slice) or piece.step is not None:
        return None
    start, stop = _number(piece.lower), _number(piece.upper)
    return None if start is ... or stop is ... else (owner.id, start, stop)  # type: ignore[return-value]


def _number(node: ast.expr | None) -> object:
    if node is None:
        return None
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError):
        return ...
    return value if isinstance(value, int) else ...


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
