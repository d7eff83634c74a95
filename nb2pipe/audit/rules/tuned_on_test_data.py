"""A setting was chosen by the test score.

That score no longer says what new data will give.
"""

import ast
from collections.abc import Iterator

from nb2pipe.analysis.tracing import Call, ancestors
from nb2pipe.audit.leakage import is_test_score, manual_sides
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
    collected = {id(call.result) for call in scores}
    for call in view.calls:
        if call.receiver is not None and call.method in ("max", "min"):
            continue  # the best score itself is a result, not a choice
        if call.method in CHOOSERS and call.run.cell not in seen and _is_of_scores(view, call, collected):
            seen.add(call.run.cell)
            yield RULE.at(where(call))


def _choices(view: View, number: int, scores: list[Call]) -> Iterator[ast.stmt | ast.expr]:
    lines = {call.place.line for call in scores if call.place.cell == number} | {
        call.run.line for call in scores if call.is_inside
    }
    for one in view.cell(number).statements:
        for node in walked(one.node):
            if not isinstance(node, (ast.For, ast.While, ast.Call)) or not _holds(node, lines):
                continue
            if isinstance(node, ast.Call):
                if _called(node) in CHOOSERS and (
                    any(isinstance(leaf, ast.Lambda) for leaf in ast.walk(node))
                    or any(one.arg == "key" and isinstance(one.value, ast.Name) for one in node.keywords)
                ):
                    yield node
            elif any(isinstance(leaf, ast.If) and _is_record(leaf) for leaf in ast.walk(node)):
                yield node


def _holds(node: ast.stmt | ast.expr, lines: set[int]) -> bool:
    return any(node.lineno <= line <= (node.end_lineno or node.lineno) for line in lines)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


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
    return any(
        id(part) in collected or any(id(source) in collected for source in part.sources[:2])
        for one in ancestors(thing, 12)
        for part in (*(one.parts or ()), one)
        if one.type in ("list", "dict", None) or one.origin in ("display", "comprehension")
    ) or _was_appended(view, thing, collected)


def _was_appended(view: View, thing: object, collected: set[int]) -> bool:
    return any(
        change.thing is thing and change.value is not None and id(change.value) in collected
        for change in view.changes
    )
