"""A cell changes its own input.

Run twice, by hand or by an engine that tries again after a failure, it gives another result or fails.
"""

import ast
from collections.abc import Callable, Iterable, Iterator

from nb2pipe.analysis.tracing import Binding, Change, Place, Thing, ancestors
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells, once, where
from nb2pipe.audit.repeating import (
    DIFFERS,
    FAILS,
    IDEMPOTENT,
    Repetition,
    column_in,
    column_is,
    is_arithmetic_with,
)
from nb2pipe.notebooks.walking import walked

RULE = Rule(
    "NB201",
    "rerun-changes-result",
    Severity.WARNING,
    message="this cell changes `{variable}`, which an earlier cell made: running it twice {outcome}",
    hint="give the result a new name, or make `{variable}` and change it in one cell",
)
GOOD = [
    cells("n = [3, 4]", "n = n[:1]", "print(n)"),
    cells("n = [1]", "m = n + [2]", "print(m)"),
    cells("names = []\nfor c in 'ab':\n    names.append(c)"),
]
BAD = [
    (
        cells("n = [1]", "n.append(2)", "print(n)"),
        ["2:1 this cell changes `n`, which an earlier cell made: running it twice gives another result"],
    ),
    (
        cells("n = [1, 2]", "n = n[1:]", "print(n)"),
        ["2:1 this cell changes `n`, which an earlier cell made: running it twice gives another result"],
    ),
    (
        cells(
            "import numpy as np\nimport pandas as pd\nd = pd.DataFrame({'a': [1]})", "d['a'] = np.log(d['a'])"
        ),
        ["2:1 this cell changes `d`, which an earlier cell made: running it twice gives another result"],
    ),
]
# Doing it again fails, or does more.
FAILING = frozenset("drop pop remove set_index insert".split())
GROWING = frozenset(
    "append extend insert appendleft extendleft reverse rotate reset_index shuffle popleft popitem partial_fit heappush heappop"
    " insort insort_left insort_right subtract".split()
)
# Methods of tensors that compute in place, `x.add_(1)`.
COMPUTING = frozenset("add sub mul div pow neg exp log".split())


def check(view: View) -> Iterator[Finding]:
    """One finding for each name that a cell changes so."""
    seen: set[tuple[int, str]] = set()
    fresh: dict[tuple[int, str], Place] = {}  # where a cell makes a name anew
    for one in view.trace.bindings:
        number = one.run.cell
        if not number or (number, one.name) in fresh or one.kind != "value":
            continue
        outcome = _rebinds(view, one)
        if outcome is None and not one.is_guarded:
            fresh[number, one.name] = one.run
        elif outcome and (number, one.name) not in seen and not _asks_first(view, one.place, one.name):
            seen.add((number, one.name))
            yield RULE.at(Spot(number, one.run.line), variable=one.name, outcome=outcome)
    for change in view.changes:
        number, outcome = change.run.cell, _outcome(view, change)
        name = _changed_name(view, change, fresh) if outcome and number else ""
        if not name or (number, name) in seen or _asks_first(view, change.place, name):
            continue
        seen.add((number, name))
        yield RULE.at(where(change), variable=name, outcome=outcome)


def _rebinds(view: View, one: Binding) -> str | None:
    """What binding the name again does; None where its value does not come from the one it had."""
    before = one.before
    if before is None or one.name not in view.graph.cells[one.run.cell - 1].reads:
        return None
    if before.kind != "value":
        return FAILS if _calls_itself(view, one) else None
    walk = _walk(view, one.run.cell, lambda thing: thing is before)
    found = walk.of(one.thing)
    is_other = one.thing.type != before.type or view.know.again(one.thing.origin) == "converts"
    return found or (FAILS if walk.is_converted and is_other else found)


def _calls_itself(view: View, one: Binding) -> bool:
    """`score = score(model)`: a function's name gets its result."""
    return any(
        isinstance(statement.node, ast.Assign)
        and isinstance(statement.node.value, ast.Call)
        and getattr(statement.node.value.func, "id", "") == one.name
        for statement in view.cell(one.run.cell).statements
        if statement.first == one.run.line
    )


def _walk(view: View, number: int, is_start: Callable[[Thing], bool]) -> Repetition:
    """A walk through what one cell computes."""
    named, fits, rebound = _first_named(view), _first_fits(view), _rebound(view)
    now = view.place[number]

    def was_named(one: Thing) -> bool:
        return named.get(id(one), now) < now

    def was_fitted(one: Thing) -> bool:
        return fits.get(id(one), now) < now

    def is_rebound(one: Thing) -> bool:
        return (number, id(one)) in rebound

    return Repetition(view.know, is_start, was_named, was_fitted, is_rebound)


@once
def _first_named(view: View) -> dict[int, int]:
    """The values that have got a name, by identity, and the place of the cell that first gave one."""
    found: dict[int, int] = {}
    for one in view.trace.bindings:
        if one.run.cell and one.kind == "value":
            found.setdefault(id(one.thing), view.place[one.run.cell])
    return found


@once
def _first_fits(view: View) -> dict[int, int]:
    """The objects on which the notebook calls `fit`, by identity, and the place of the cell that does it first."""
    found: dict[int, int] = {}
    for call in view.calls:
        if call.method in ("fit", "fit_transform"):
            for thing in (call.receiver, call.result):
                if thing is not None:
                    at = view.place[call.run.cell]
                    found[id(thing)] = min(at, found.get(id(thing), at))
    return found


@once
def _rebound(view: View) -> set[tuple[int, int]]:
    """The cells that give a value's name to another, with the value's identity."""
    return {(one.run.cell, id(one.before)) for one in view.trace.bindings if one.before is not one.thing}


def _changed_name(view: View, change: Change, fresh: dict[tuple[int, str], Place]) -> str:
    """The notebook's name for what is changed, where an earlier cell made it; else ""."""
    number = change.run.cell
    names: Iterable[str] = (change.through,)
    if change.through not in change.names and len(change.names) == 1:
        names = change.names  # changed in a function, as `self` or under a parameter's name
    for name in names:
        made = fresh.get((number, name))
        if name in change.names and (made is None or made > change.run) and _exists(view, name, number):
            return name
    return ""


def _exists(view: View, name: str, number: int) -> bool:
    place = view.place[number]
    return any(name in cell.binds and view.place[cell.number] < place for cell in view.history.get(name, ()))


def _asks_first(view: View, place: Place, name: str) -> bool:
    """Whether it only happens where a condition about the name holds, as in `if 'a' in d: del d['a']`, or is tried."""
    spot = place.line, place.column - 1
    statement = next(view.statements_at(place.cell, place.line), None)
    return statement is not None and any(
        isinstance(node, ast.Try) or _tests(node, name)
        for node in walked(statement.node)
        if isinstance(node, (ast.If, ast.Try, ast.IfExp)) and _holds(node, spot)
    )


def _holds(node: ast.If | ast.Try | ast.IfExp, spot: tuple[int, int]) -> bool:
    end = node.end_lineno or node.lineno, node.end_col_offset or 0
    return (node.lineno, node.col_offset) <= spot < end


def _tests(node: ast.If | ast.Try | ast.IfExp, name: str) -> bool:
    test = node.test if not isinstance(node, ast.Try) else node
    return any(isinstance(leaf, ast.Name) and leaf.id == name for leaf in ast.walk(test))


def _outcome(view: View, change: Change) -> str:
    """What a second run does, else ""."""
    method = change.how.partition(":")[2]
    if change.how == "augmented":
        return "" if change.given.get("op") in IDEMPOTENT or _scales_itself(view, change) else DIFFERS
    if change.how == "del":
        return FAILS
    if change.how == "inplace:reset_index" and not change.given.get("drop"):
        return DIFFERS
    if change.how == "attribute":
        return DIFFERS if _renames_itself(change) else _depends_on_itself(view, change)
    if change.how == "inplace:rename":
        return DIFFERS if _renames(view, change) else ""
    if change.how.startswith("inplace:"):
        is_ignoring = change.given.get("errors") == "ignore"
        return FAILS if method in FAILING and method != "insert" and not is_ignoring else ""
    if change.how == "item":
        return DIFFERS if _adds_row(change) else _depends_on_itself(view, change)
    if change.how.startswith("argument:") and view.know.again(f"numpy.{method}") == "differs":
        return DIFFERS  # `np.multiply(x, 2, out=x)`
    return _of_method(change, method)


def _scales_itself(view: View, change: Change) -> bool:
    """`x -= x.mean()`: the second time it takes nothing away."""
    if change.given.get("op") not in ("Sub", "Div") or change.value is None:
        return False
    return _walk(view, change.run.cell, lambda one: one is change.thing).is_scale(change.value)


def _of_method(change: Change, method: str) -> str:
    """What calling a changing method again does."""
    type_ = change.thing.type or ""
    if method == "insert" and type_.startswith("pandas"):
        return FAILS
    if method in ("pop", "remove"):
        return "" if method == "pop" and 1 in change.given else "fails or takes more away"
    if method == "append" and change.thing.origin == "parameter":
        return ""
    is_computing = type_ == "torch.Tensor" and method.rstrip("_") in COMPUTING
    is_counting = method == "update" and type_ == "collections.Counter"
    return DIFFERS if method in GROWING or is_computing or is_counting else ""


def _adds_row(change: Change) -> bool:
    """`d.loc[len(d)] = row`."""
    key = change.at
    if key is None or not change.thing.origin.endswith(".loc"):
        return False
    return any(
        one.origin == "len" or one.origin.endswith((".max", ".shape")) for one in (key, *key.sources[:1])
    )


def _depends_on_itself(view: View, change: Change) -> str:
    """`d['a'] = d['a'] * 2`: what computing the item from itself again does."""
    if change.value is None:
        return ""
    frame, key = change.thing, change.key
    if frame.origin.endswith((".loc", ".iloc")) and frame.sources and change.at is not None:
        frame, key = frame.sources[0], column_in(change.at)
    own = column_is(frame, key)
    walk = _walk(view, change.run.cell, lambda one: own(one) or _is_got(one, frame, key))
    found = walk.of(change.value)
    return (DIFFERS if _is_spelled_twice(view, change) else "") if found is None else found


def _is_spelled_twice(view: View, change: Change) -> bool:
    """`rows[0] = rows[0] * 2`: the text computes with what it sets."""
    for statement in view.statements_at(change.place.cell, change.place.line):
        for node in walked(statement.node):
            if isinstance(node, ast.Assign) and node.lineno == change.place.line:
                computes = any(isinstance(leaf, ast.BinOp) for leaf in walked(node.value))
                own = {ast.unparse(one) for one in node.targets} if computes else set()
                return computes and is_arithmetic_with(node.value, own)
    return False


def _is_got(one: Thing, frame: Thing, key: object) -> bool:
    """`d.get('a', 0)`."""
    is_get = one.origin.rpartition(".")[2] == "get" and frame in one.sources[:1]
    return is_get and key is not ... and one.given.get(0, ...) == key


def _renames(view: View, change: Change) -> bool:
    """`d.rename(columns=lambda c: "x_" + c, inplace=True)`."""
    made = [
        call
        for call in view.calls
        if call.method == "rename" and call.place == change.place and call.run == change.run
    ]
    walk = _walk(view, change.run.cell, lambda one: one is change.thing)
    return any(walk.renames(one) for call in made for one in (*call.args, *call.keywords.values()))


def _renames_itself(change: Change) -> bool:
    """`df.columns = [name + '_x' for name in df.columns]`."""
    if change.value is None or change.key not in ("columns", "index", "col_names"):
        return False
    row = list(ancestors(change.value, 30))
    is_own = any(one.origin.rpartition(".")[2] == change.key and change.thing in one.sources for one in row)
    return is_own and any(one.origin in ("operator", "text") for one in row)
