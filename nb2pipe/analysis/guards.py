"""Whether what stands at a place in a statement runs whenever the statement does."""

import ast
from typing import TypeGuard

from .inner_names import Spot
from .names_in_text import called


def is_guarded(node: ast.AST, spot: Spot) -> bool:
    """Whether what stands at this spot may not run although the statement (or the function's body) does."""
    guarded, outer = False, node
    while True:
        inner = next((child for child in ast.iter_child_nodes(node) if _covers(child, spot)), None)
        if inner is None:
            return guarded
        if _is_optional(node, inner) and not _starts(outer, node):
            guarded = True
        outer = node
        node = inner


LARGER = (ast.Gt, ast.GtE)
SMALLER = (ast.Lt, ast.LtE)


def _starts(outer: ast.AST, node: ast.AST) -> bool:
    """Whether a loop runs at least once: `while True`, or `change = 100` before `while change > 0.1`."""
    if not isinstance(node, ast.While):
        return False
    match node.test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Compare(
            left=ast.Name(id=name), ops=[sign], comparators=[ast.Constant(value=float(limit) | int(limit))]
        ):
            first = _number_before(outer, node, name)
            if first is None:
                return False
            return (isinstance(sign, LARGER) and first > limit) or (
                isinstance(sign, SMALLER) and first < limit
            )
        case _:
            return False


def _number_before(outer: ast.AST, node: ast.stmt, name: str) -> float | None:
    """The number that a name has got last in the statements above this one."""
    body = getattr(outer, "body", [])
    for one in reversed(body[: body.index(node)] if node in body else []):
        match one:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                is_number = isinstance(value, ast.Constant) and isinstance(value.value, (int, float))
                return value.value if is_number else None  # type: ignore[attr-defined]
            case _:
                pass
    return None


def _covers(node: ast.AST, spot: Spot) -> bool:
    if not isinstance(
        node, (ast.stmt, ast.expr, ast.ExceptHandler, ast.keyword, ast.arg, ast.alias, ast.pattern)
    ):
        return any(_covers(child, spot) for child in ast.iter_child_nodes(node))
    start = node.lineno, node.col_offset
    end = node.end_lineno or node.lineno, node.end_col_offset or 0
    return start <= spot < end


def _is_optional(node: ast.AST, inner: ast.AST) -> bool:
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return inner is not test
        case ast.BoolOp(values=values):
            return inner is not values[0]
        case ast.For() | ast.AsyncFor():
            return inner in node.orelse
        case ast.With(items=items):
            return inner in node.body and any(is_suppress(one.context_expr) for one in items)
        case ast.Try() | ast.TryStar():
            return inner not in node.finalbody
        case ast.ExceptHandler() | ast.match_case():
            return True
        case ast.Assert(msg=message):
            return inner is message
        case _:
            return False


def is_suppress(node: ast.expr) -> TypeGuard[ast.Call]:
    """`with suppress(NameError)`: what fails inside is passed over."""
    return isinstance(node, ast.Call) and called(node) == "suppress"
