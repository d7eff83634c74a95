"""The result depends on when the notebook runs.

A run for last month computes with today's date. Measuring how long something takes is not reported.
"""

import ast
from collections.abc import Iterable, Iterator

from nb2pipe.analysis.catalogue import Touch
from nb2pipe.analysis.names_in_text import called
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB404",
    "reads-clock",
    Severity.WARNING,
    message="`{name}` reads the clock: the result depends on when the notebook runs",
    hint="make the date a parameter of the notebook",
)
GOOD = [
    cells("from datetime import date\nt = date(2024, 1, 31)", "print(t)"),
    cells("import time\nstart = time.time()", "print(time.time() - start)"),
]
BAD = [
    (
        cells("from datetime import date", "age = date.today() - date(2000, 1, 1)"),
        ["2:1 `datetime.date.today` reads the clock: the result depends on when the notebook runs"],
    ),
    (
        cells("from datetime import date\nt = date.today()", "print(t)"),
        ["1:2 `datetime.date.today` reads the clock: the result depends on when the notebook runs"],
    ),
]
# They only measure durations.
STOPWATCHES = frozenset(
    "perf_counter perf_counter_ns monotonic process_time default_timer timeit repeat monotonic_ns".split()
)


def check(view: View) -> Iterator[Finding]:
    """The first such call of each cell that is not the start or end of a measurement."""
    seen: set[int] = set()
    watched = _measuring_lines(view)
    for call, touches in view.touches:
        cell = call.place.cell
        if (
            cell in seen
            or call.method in STOPWATCHES
            or (cell, call.place.line) in watched
            or not _reads(touches)
        ):
            continue
        seen.add(cell)
        yield RULE.at(Spot(*call.place), name=call.name.removeprefix("."))


def _reads(touches: Iterable[Touch]) -> bool:
    return any(one.resource == "clock" and one.role == "read" and one.is_sure for one in touches)


def _measuring_lines(view: View) -> set[tuple[int, int]]:
    """Lines where a time is taken that is subtracted from another, or that does the subtraction."""
    taken = [(cell, one, _targets(one)) for cell, one in view.nodes_of(ast.Assign)]
    times = {name for _, one, names in taken if _is_clock(one.value) for name in names}
    others = {name for _, _, names in taken for name in names} - times
    found: set[tuple[int, int]] = set()
    measured: set[str] = set()
    for cell, node in view.nodes_of(ast.BinOp):
        sides = (node.left, node.right)
        if isinstance(node.op, ast.Sub) and all(_is_clock(side) or _name(side) for side in sides):
            seen = {_name(side) for side in sides} - {""}
            if not seen & others:
                measured |= seen
                found.add((cell, node.lineno))
    for cell, one, names in taken:
        if _is_clock(one.value) and measured & set(names):
            found.add((cell, one.lineno))
    return found


def _targets(node: ast.Assign) -> list[str]:
    return [_name(one) for one in node.targets]


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _is_clock(node: ast.expr) -> bool:
    clocks = ("time", "now", "utcnow", "today", "clock", "time_ns")
    return isinstance(node, ast.Call) and called(node) in clocks
