"""A setting was chosen by the test score.

That score no longer says what new data will give.
"""

import ast
import re
from collections.abc import Iterator, Mapping

from nb2pipe.analysis.names_in_text import called
from nb2pipe.analysis.tracing import Call, Thing, ancestors
from nb2pipe.audit.leakage import is_test_part, is_test_score, manual_sides
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells, where
from nb2pipe.notebooks.walking import walked

RULE = Rule(
    "NB704",
    "tuned-on-test-data",
    Severity.WARNING,
    message="a setting is chosen here by the score on the test rows",
    hint="choose by cross-validation on the training rows, and look at the test rows once, at the end",
)
MODELS = (
    "from sklearn.model_selection import train_test_split\nfrom sklearn.neighbors import KNeighborsClassifier\n"
    "a, b, c, d = train_test_split([[1], [2], [3], [4]], [0, 1, 0, 1], random_state=0)"
)
GOOD = [cells(MODELS, "print(KNeighborsClassifier(1).fit(a, c).score(b, d))")]
BAD = [
    (
        cells(MODELS, "best = max([1, 2], key=lambda k: KNeighborsClassifier(k).fit(a, c).score(b, d))"),
        ["2:1 a setting is chosen here by the score on the test rows"],
    )
]
# They look for the best argument of a function that they are given.
SEARCHING = frozenset(
    "optimize fmin minimize gp_minimize forest_minimize dummy_minimize gbrt_minimize BayesianOptimization maximize brute"
    " differential_evolution basinhopping minimize_scalar dual_annealing max min sorted nlargest nsmallest".split()
)
# Where rows are given that a fit watches.
WATCHED = ("eval_set", "validation_data", "evals", "valid_sets")
LIMIT = 20
CHOOSERS = ("max", "min", "sorted", "argmax", "argmin", "idxmax", "idxmin", "nlargest")


def check(view: View) -> Iterator[Finding]:
    """The loops and choosing calls that look at a test score."""
    sides = manual_sides(view)
    scores = [call for call in view.calls if is_test_score(view, call, sides)]
    seen: set[int] = set()
    for number in dict.fromkeys(call.run.cell for call in scores):
        own = [call for call in scores if call.run.cell == number]
        for node in _choices(view, number, own):
            if number not in seen:
                seen.add(number)
                yield RULE.at(Spot(number, node.lineno, node.col_offset + 1))
    for place in (*_searches(view, scores), *_watched(view, sides)):
        if place.cell not in seen:
            seen.add(place.cell)
            yield RULE.at(place)
    collected = {id(call.result) for call in (*scores, *_curves(view, sides))}
    for call in view.calls if collected else ():
        is_method = call.receiver is not None
        if call.method in ("max", "min") and (is_method or len(call.args) > 1):
            continue  # the best score itself is a result, not a choice
        is_sorted = call.method == "sort_values"
        if call.run.cell in seen or not (is_sorted or call.method in CHOOSERS):
            continue
        if _is_of_scores(view, call, collected) and (not is_sorted or _is_chosen_from(view, call)):
            seen.add(call.run.cell)
            yield RULE.at(where(call))


def _searches(view: View, scores: list[Call]) -> Iterator[Spot]:
    """`study.optimize(objective)`, where the objective is a test score."""
    inside = [call.place for call in scores if call.is_inside]
    for call in view.calls if inside else ():
        if call.method not in SEARCHING:
            continue
        for one in (*call.args, *call.keywords.values()):
            node = one.node if one.kind in ("function", "bound") else None
            if node is not None and any(
                place.cell == one.place.cell and _holds(node, {place.line})  # type: ignore[arg-type]
                for place in inside
            ):
                yield where(call)


def _watched(view: View, sides: Mapping[int, str]) -> Iterator[Spot]:
    """`model.fit(..., eval_set=[(X_test, y_test)])` that stops, or keeps the best, by the test rows."""
    for call in view.calls:
        rows = call.argument(*WATCHED)
        if rows is None or not _stops(view, call):
            continue
        if any(is_test_part(one, sides) for one in _elements(rows)):
            yield where(call)


def _elements(thing: Thing) -> list[Thing]:
    """What a nest of lists and tuples holds, and what is made from rows: `[(X, y)]`, `[DMatrix(X), "eval"]`."""
    row = [thing]
    for one in row:
        if len(row) < 40:
            row += [*(one.parts or ()), *(one.keyed or {}).values()]
            row += one.sources[:1] if one.origin.endswith(("DMatrix", "Dataset", "Pool")) else ()
    return row


def _stops(view: View, call: Call) -> bool:
    """Whether the fit, or what is fitted, is told to stop early."""
    made = call.receiver.given if call.receiver is not None else {}
    if any(given.get("early_stopping_rounds") for given in (call.given, made)):
        return True
    calls = call.argument("callbacks")
    return calls is not None and any(
        "early_stopping" in _plain(one.origin) or one.given.get("save_best_only") is True
        for one in _elements(calls)
    )


def _plain(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _choices(view: View, number: int, scores: list[Call]) -> Iterator[ast.stmt | ast.expr]:
    lines = {call.place.line for call in scores if call.place.cell == number} | {
        call.run.line for call in scores if call.is_inside
    }
    for one in view.cell(number).statements:
        for node in walked(one.node):
            if not isinstance(node, (ast.For, ast.While, ast.Call)) or not _holds(node, lines):
                continue
            if isinstance(node, ast.Call):
                if called(node) in CHOOSERS and (
                    any(isinstance(leaf, ast.Lambda) for leaf in ast.walk(node))
                    or any(one.arg == "key" and isinstance(one.value, ast.Name) for one in node.keywords)
                ):
                    yield node
            elif any(isinstance(leaf, ast.If) and _is_record(leaf) for leaf in ast.walk(node)):
                yield node


def _holds(node: ast.stmt | ast.expr, lines: set[int]) -> bool:
    return any(node.lineno <= line <= (node.end_lineno or node.lineno) for line in lines)


def _is_record(node: ast.If) -> bool:
    """`if score > best: best = score`."""
    compares = isinstance(node.test, ast.Compare) and isinstance(
        node.test.ops[0], (ast.Gt, ast.Lt, ast.GtE, ast.LtE)
    )
    if not compares:
        return False
    assert isinstance(node.test, ast.Compare)
    compared = {leaf.id for leaf in ast.walk(node.test) if isinstance(leaf, ast.Name)}
    bound = {
        leaf.id
        for one in node.body
        for leaf in ast.walk(one)
        if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store)
    }
    return bool(compared & bound)


def _is_of_scores(view: View, call: Call, collected: set[int]) -> bool:
    """`np.argmax(scores)`: a list that a loop filled with test scores."""
    thing = call.receiver if call.receiver is not None and call.receiver.kind == "value" else call.argument(0)
    if thing is None:
        return False
    row = _made_from(thing)
    held = [part for one in row for part in (one, *(one.parts or ()))]
    return any(
        id(part) in collected or any(id(source) in collected for source in part.sources[:2]) for part in held
    ) or any(_was_put_in(view, one, collected) for one in row)


def _was_put_in(view: View, thing: Thing, collected: set[int]) -> bool:
    """`rows.append({"k": k, "score": score})`, `scores[i] = score`."""
    values = [change.value for change in view.changes_of.get(id(thing), ()) if change.value is not None]
    return any(
        id(one) in collected
        for value in values
        for one in (value, *(value.parts or ()), *(value.keyed or {}).values())
    )


def _curves(view: View, sides: Mapping[int, str]) -> Iterator[Call]:
    """Scores for every threshold: `roc_curve(y_test, p)`."""
    for call in view.calls:
        if call.method in ("roc_curve", "precision_recall_curve") and any(
            is_test_part(one, sides) for one in call.args[:2]
        ):
            yield call


def _made_from(thing: Thing) -> list[Thing]:
    """What a thing was computed from, but not from the thresholds of a curve."""
    row = [thing]
    for one in row:
        if not _is_threshold(one) and len(row) < LIMIT:
            row += [source for source in (*one.sources, *one.alts) if source not in row]
    return [one for one in row if not _is_threshold(one)]


def _is_threshold(part: Thing) -> bool:
    """The third thing that a curve gives: what `np.argmin(np.abs(thresholds - 0.5))` looks for is no score."""
    return part.index == 2 and part.origin.endswith("_curve")


def _is_chosen_from(view: View, call: Call) -> bool:
    """`table.sort_values("score").iloc[-1]`: one row is taken."""
    return any(
        one.origin in ("item", "located")
        and isinstance(one.given.get(0), int)
        and any(source is call.result for source in ancestors(one, 6))
        for binding in view.trace.bindings
        for one in ancestors(binding.thing, 6)
    )
