"""A cell changes its own input.

Run twice, by hand or by an engine that tries again after a failure, it gives another result or fails.
"""

import ast
from collections.abc import Iterator

from nb2pipe.analysis import Statement
from nb2pipe.analysis.tracing import Change, Thing, ancestors
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells, where

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
    "append extend insert appendleft extendleft reverse rotate reset_index shuffle popleft popitem".split()
)
# A second call of these on the result gives something else, or fails.
UNSTABLE = frozenset(
    "drop set_index reset_index append merge join melt pivot pivot_table explode map shift diff cumsum pct_change"
    " insert transpose T stack unstack concat sample".split()
)
# Functions of numbers whose second use gives something else.
MAPPINGS = frozenset(
    "log log2 log10 log1p exp expm1 sqrt cbrt square power pow reciprocal cumsum cumprod diff ediff1d gradient"
    " expand_dims append".split()
)
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.FloorDiv, ast.MatMult)


def check(view: View) -> Iterator[Finding]:
    """One finding for each name that a cell changes so."""
    seen: set[tuple[int, str]] = set()
    for cell in view.cells:
        own: set[str] = set()
        for statement in cell.statements:
            for name, outcome in _rebinds(statement):
                if name not in own and (cell.number, name) not in seen and _exists(view, name, cell.number):
                    seen.add((cell.number, name))
                    yield RULE.at(Spot(cell.number, statement.first), variable=name, outcome=outcome)
            own |= {
                name
                for name, surely in statement.use.binds.items()
                if surely and name not in statement.use.reads
            }
    for change in view.changes:
        name, number = change.through, change.run.cell
        if number and name not in view.graph.cells[number - 1].mutates and len(change.names) == 1:
            name = change.names[0]  # changed in a function, as `self` or under a parameter's name
        outcome = _outcome(change)
        if (
            not outcome
            or (number, name) in seen
            or not number
            or name not in view.graph.cells[number - 1].mutates
        ):
            continue
        seen.add((number, name))
        yield RULE.at(where(change), variable=name, outcome=outcome)


def _exists(view: View, name: str, number: int) -> bool:
    place = view.place[number]
    return any(name in cell.binds and view.place[cell.number] < place for cell in view.history.get(name, ()))


def _outcome(change: Change) -> str:
    """What a second run does, else ""."""
    if change.how == "augmented":
        return "gives another result"
    if change.how == "del":
        return "fails"
    method = change.how.partition(":")[2]
    if change.how == "inplace:reset_index" and not change.given.get("drop"):
        return "gives another result"
    if change.how == "attribute":
        return "gives another result" if _renames_itself(change) else ""
    if change.how.startswith("inplace:"):
        return "fails" if method in FAILING and method != "insert" else ""
    if method == "insert" and (change.thing.type or "").startswith("pandas"):
        return "fails"
    if method in ("pop", "remove"):
        return "fails or takes more away"
    if method == "append" and change.thing.origin == "parameter":
        return ""
    if method in GROWING and change.how.startswith("method"):
        return "gives another result"
    is_own = change.how in ("item", "attribute") and _depends_on_itself(change)
    return "gives another result" if is_own else ""


def _computes(thing: Thing) -> bool:
    """Whether a function that is handed over computes with its argument: `np.log`, `lambda v: v * 2`."""
    if thing.kind == "name":
        return thing.origin.rpartition(".")[2] in MAPPINGS
    node = thing.node
    if not isinstance(node, ast.Lambda) or not node.args.args:
        return False
    return bool(_of_value(node.body, node.args.args[0].arg))


def _depends_on_itself(change: Change) -> bool:
    """`df['a'] = df['a'] * 2`: the item is computed from itself by arithmetic or a mapping."""
    value, waiting, depth = change.value, [change.value], 0
    while waiting and depth < 30:
        depth += 1
        one = waiting.pop()
        if one is None:
            continue
        last = one.origin.rpartition(".")[2]
        if last == "get" and one.given.get(0, ...) == change.key and one.sources[:1] == (change.thing,):
            return change.key is not ... and value is not one
        if (
            last in ("operator", "augmented", "map", "shift", "diff", "cumsum")
            or last in MAPPINGS
            or (last in ("apply", "transform") and any(map(_computes, one.sources[1:2])))
        ):
            for source in one.sources[:2]:
                if source.given.get(0, ...) == change.key and change.thing in source.sources[:1]:
                    return change.key is not ... and value is not None
                waiting.append(source)
        elif one.origin == "item":
            continue
    return False


def _renames_itself(change: Change) -> bool:
    """`df.columns = [name + '_x' for name in df.columns]`."""
    if change.value is None:
        return False
    row = list(ancestors(change.value, 30))
    is_own = any(one.origin.rpartition(".")[2] == change.key and change.thing in one.sources for one in row)
    return is_own and any(one.origin in ("operator", "text") for one in row)


def _rebinds(statement: Statement) -> Iterator[tuple[str, str]]:
    """Names that a statement computes from themselves, so that a second run gives something else."""
    node = statement.node
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, "gives another result"
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id in statement.use.reads:
                outcome = _of_value(node.value, target.id)
                if outcome:
                    yield target.id, outcome


def _of_value(node: ast.expr, name: str) -> str:
    """`name.drop(...)`, `name * 2`, `name(...)`, `pd.concat([name, ...])`: what doing it again would do."""
    is_computed = isinstance(node, ast.BinOp) and isinstance(node.op, ARITHMETIC)
    if is_computed or isinstance(node, ast.JoinedStr):
        return "gives another result" if _stands_in(node, name) else ""
    if isinstance(node, ast.Subscript):
        return "gives another result" if _cuts(node.slice) and _root(node.value) == name else ""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    last = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if node.args and isinstance(node.args[0], ast.Name) and node.args[0].id == name:
        if last in MAPPINGS or (last == "join" and len(node.args) > 1):
            return "gives another result"
        if last == "get_dummies" and any(one.arg == "columns" for one in node.keywords):
            return "fails"
    if isinstance(function, ast.Name) and function.id == name:
        return "fails"
    if isinstance(function, ast.Attribute):
        if function.attr == "reset_index" and _gives(node, "drop"):
            return _of_value(function.value, name)
        if function.attr == "assign" and any(_computes_column(one, name) for one in node.keywords):
            return "gives another result"
        if function.attr in UNSTABLE and _root(function.value) == name:
            return "fails" if function.attr in FAILING else "gives another result"
        if function.attr in ("concat", "append", "concatenate", "hstack", "vstack") and _is_in_list(
            node, name
        ):
            return "gives another result"
        return _of_value(function.value, name)
    return ""


def _cuts(node: ast.expr) -> bool:
    """`[1:]`, `[:-1]`: each time it takes something away."""
    if not isinstance(node, ast.Slice):
        return False
    is_cut = isinstance(node.lower, ast.Constant) and node.lower.value not in (0, None)
    return is_cut or isinstance(node.upper, ast.UnaryOp)


def _computes_column(given: ast.keyword, name: str) -> bool:
    """`name.assign(a=name.a + 1)`."""
    value = given.value
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ARITHMETIC):
        return False
    columns = [
        node.attr if isinstance(node, ast.Attribute) else getattr(node.slice, "value", None)
        for side in (value.left, value.right)
        for node in [side]
        if isinstance(node, (ast.Attribute, ast.Subscript)) and _root(node.value) == name
    ]
    return given.arg in columns


def _gives(node: ast.Call, keyword: str) -> bool:
    return any(one.arg == keyword and getattr(one.value, "value", None) is True for one in node.keywords)


def _is_in_list(node: ast.Call, name: str) -> bool:
    first = node.args[0] if node.args else None
    parts = first.elts if isinstance(first, (ast.List, ast.Tuple)) else [first] if first is not None else []
    return any(isinstance(one, ast.Name) and one.id == name for one in parts)


def _stands_in(node: ast.expr, name: str) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(_stands_in(one.value, name) for one in node.values if isinstance(one, ast.FormattedValue))
    if isinstance(node, ast.BinOp):
        return _stands_in(node.left, name) or _stands_in(node.right, name)
    return isinstance(node, ast.Name) and node.id == name


def _root(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
