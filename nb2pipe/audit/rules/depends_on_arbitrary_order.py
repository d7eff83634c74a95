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
        if not what or id(call.result) in ignored or (call.name in LISTINGS and id(call.result) in shown):
            continue
        seen.add(cell)
        yield RULE.at(Spot(*call.place), what=what)


def _uses(view: View) -> tuple[set[int], set[int]]:
    """The things whose order does not matter, or is mended, and those that are only shown."""
    ignored, shown = set(), set()
    asked = {
        (cell, inner.lineno, inner.col_offset + 1)
        for cell, node in view.nodes_of(ast.Compare)
        if isinstance(node.ops[0], (ast.In, ast.NotIn))
        for inner in node.comparators
    }
    for call in view.trace.calls:
        if tuple(call.place) in asked:
            ignored.add(id(call.result))
        if view.know.order(call.name) == "ignored":
            for one in call.args[:1]:
                ignored |= {
                    id(one),
                    *(id(source) for source in one.sources[:1] if one.origin in ORDERED | {"comprehension"}),
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
