"""The result depends on when the notebook runs.

A run for last month computes with today's date. Measuring how long something takes is not reported.
"""

import ast
from collections.abc import Iterable, Iterator

from nb2pipe.analysis.catalogue import Touch
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB404",
    "reads-clock",
    Severity.WARNING,
    message="`{name}` reads the clock: the result depends on when the notebook runs",
    hint="make the date a parameter of the notebook",
)
GOOD = [cells("from datetime import date\nt = date(2024, 1, 31)", "print(t)")]
BAD = [
    (
        cells("from datetime import date\nt = date.today()", "print(t)"),
        ["1:2 `datetime.date.today` reads the clock: the result depends on when the notebook runs"],
    )
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
    found: set[tuple[int, int]] = set()
    names: set[str] = set()
    for cell, node in view.nodes_of(ast.BinOp):
        sides = _difference(node)
        if sides:
            names |= {side.id for side in sides if isinstance(side, ast.Name)}
            names |= {side.attr for side in sides if isinstance(side, ast.Attribute)}
            found.add((cell, getattr(node, "lineno", 0)))
    for cell, one in view.nodes_of(ast.Assign):
        if isinstance(one.value, ast.Call) and _is_clock(one.value):
            targets = {getattr(target, "id", getattr(target, "attr", "")) for target in one.targets}
            if targets & names:
                found.add((cell, one.lineno))
    return found


def _difference(node: ast.AST) -> tuple[ast.expr, ...]:
    """The sides of a subtraction that may measure a time."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
        return ()
    sides = (node.left, node.right)
    if not all(isinstance(side, (ast.Name, ast.Call, ast.Attribute, ast.Subscript)) for side in sides):
        return ()
    is_clock = any(isinstance(side, ast.Call) and _is_clock(side) for side in sides)
    return sides if is_clock or all(isinstance(side, ast.Name) for side in sides) else ()


def _is_clock(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("time", "now", "utcnow", "today", "clock", "time_ns")
