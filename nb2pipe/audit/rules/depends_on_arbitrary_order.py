"""A list is made from something that has no order.

Columns, rows or files change places between runs and machines.
"""

import ast
from collections.abc import Iterator

from nb2pipe.analysis.tracing import Call, Thing
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB405",
    "depends-on-arbitrary-order",
    Severity.WARNING,
    message="{what} in no fixed order: the result changes between runs and machines",
    hint="sort it",
)
GOOD = [cells("w = {'b', 'a'}", "cols = sorted(w)")]
BAD = [
    (
        cells("w = {'b', 'a'}", "cols = list(w)"),
        ["2:1 a list of a set is made, in no fixed order: the result changes between runs and machines"],
    )
]
LISTINGS = frozenset(
    "os.listdir os.scandir os.walk glob.glob glob.iglob pathlib.Path.glob pathlib.Path.rglob pathlib.Path.iterdir"
    " concurrent.futures.as_completed asyncio.as_completed".split()
)
ORDERED = frozenset("list tuple enumerate iter numpy.array numpy.asarray pandas.Series pandas.Index".split())
SHOWN = frozenset("print display".split())
SETS = ("set", "frozenset")


def check(view: View) -> Iterator[Finding]:
    """The first such call of each cell."""
    seen: set[int] = set()
    ignored, shown = _uses(view)
    for call in view.trace.calls:
        cell = call.place.cell
        if cell in seen:
            continue
        what = _what(view, call)
        if call.name == "os.walk" and _is_only_printed(view, call):
            continue
        if not what or id(call.result) in ignored or (call.name in LISTINGS and id(call.result) in shown):
            continue
        seen.add(cell)
        yield RULE.at(Spot(*call.place), what=what)
    for cell, node in view.nodes_of(ast.Assign):
        if cell not in seen and _takes_apart(view, node):
            seen.add(cell)
            what = "the elements of a set are unpacked"
            yield RULE.at(Spot(cell, node.lineno, node.col_offset + 1), what=what)


def _is_only_printed(view: View, call: Call) -> bool:
    """Whether the loop over it, as hosted notebooks begin with, only prints."""
    loops = [
        node
        for one in view.cell(call.place.cell).statements
        for node in ast.walk(one.node)
        if isinstance(node, ast.For) and node.iter.lineno == call.place.line
    ]
    ends = [
        one
        for loop in loops
        for one in ast.walk(loop)
        if isinstance(one, ast.stmt) and not isinstance(one, ast.For)
    ]
    return bool(loops) and all(
        isinstance(one, ast.Expr)
        and isinstance(one.value, ast.Call)
        and getattr(one.value.func, "id", "") == "print"
        for one in ends
    )


def _takes_apart(view: View, node: ast.Assign) -> bool:
    """`first, *rest = {"a", "b"}`."""
    if not isinstance(node.targets[0], (ast.Tuple, ast.List)):
        return False
    if isinstance(node.value, ast.Name):
        thing = view.trace.namespace.get(node.value.id)
        return thing is not None and _is_set(thing) and not _holds_numbers(thing)
    if isinstance(node.value, ast.Set):
        return not all(
            isinstance(one, ast.Constant) and isinstance(one.value, int) for one in node.value.elts
        )
    return isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") in SETS


def _uses(view: View) -> tuple[set[int], set[int]]:
    """The things whose order does not matter, or is mended, and those that are only shown."""
    ignored, shown = set(), set()
    asked = {
        (cell, inner.lineno, inner.col_offset + 1)
        for cell, node in view.nodes_of(ast.Compare)
        if isinstance(node.ops[0], (ast.In, ast.NotIn))
        for inner in node.comparators
    }
    last = {
        (one.cell, one.node.value.lineno, one.node.value.col_offset + 1)
        for one in view.facts.statements
        if isinstance(one.node, ast.Expr) and isinstance(one.node.value, ast.Call)
    }
    for call in view.trace.calls:
        if call.name in LISTINGS and tuple(call.place) in last:
            shown.add(id(call.result))
        if tuple(call.place) in asked:
            ignored.add(id(call.result))
        if view.know.order(call.name) == "ignored" or call.name in SETS:
            for one in call.args[:1]:
                ignored |= {
                    id(one),
                    *(
                        id(source)
                        for source in one.sources[:1]
                        if one.origin in ORDERED | {"comprehension", "generator"}
                    ),
                }
        elif call.name in SHOWN:
            shown |= {id(one) for one in call.args if not one.names and one.origin in LISTINGS}
        elif call.method == "sort" and call.receiver is not None:
            ignored.add(id(call.receiver))
    return ignored, shown


def _what(view: View, call: Call) -> str:
    if call.name in LISTINGS or call.method == "imap_unordered":
        return f"`{call.name}` gives its results"
    if call.method == "pop" and call.receiver is not None and not call.args and _is_set(call.receiver):
        return "" if _holds_numbers(call.receiver) else "`pop` takes any element of a set,"
    if call.name == "zip" and any(_is_set(one) and not _holds_numbers(one) for one in call.args):
        return "`zip` numbers or pairs the elements of a set,"
    if call.name in ORDERED or call.method == "join":
        first = call.argument(0)
        if first is not None and _is_set(first) and not _holds_numbers(first):
            return f"a {call.method if call.name in ('list', 'tuple') else 'sequence'} of a set is made,"
    return ""


def _is_set(thing: Thing) -> bool:
    return (
        thing.type in SETS or (bool(thing.alts) and all(one.type in SETS for one in thing.alts))
    ) and thing.kind == "value"


def _holds_numbers(thing: Thing) -> bool:
    return isinstance(thing.const, list) and all(isinstance(one, int) for one in thing.const)
