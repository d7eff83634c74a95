"""What code prints and gives whose values all stand in the text: numbers, texts, lists, and loops over them."""

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nb2pipe.analysis import Facts

MOST = 500  # turns of a loop, elements, letters
PLAIN = (str, int, float, bool, type(None), list, tuple, dict, range)
CALLS: Mapping[str, Callable[..., Any]] = {
    "len": len,
    "sum": sum,
    "min": min,
    "max": max,
    "abs": abs,
    "sorted": sorted,
    "range": range,
    "list": list,
    "tuple": tuple,
    "str": str,
    "int": int,
}
OPERATIONS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
}
SILENT_MODULES = frozenset("numpy pandas matplotlib seaborn scipy sklearn".split())


class UnknownError(Exception):
    """The text does not tell."""


def value_of(node: ast.AST, names: Mapping[str, Any]) -> Any:
    """The value of an expression, from the values of names."""
    match node:
        case ast.Constant(value=value) if isinstance(value, PLAIN):
            return value
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            made = [value_of(one, names) for one in parts]
            return made if isinstance(node, ast.List) else tuple(made)
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {value_of(k, names): value_of(v, names) for k, v in zip(keys, values, strict=True)}  # type: ignore[arg-type]
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATIONS:
            return _computed(OPERATIONS[type(operator)], value_of(left, names), value_of(right, names))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _computed(lambda one: -one, value_of(operand, names))
        case ast.JoinedStr(values=parts):
            return "".join(_piece(one, names) for one in parts)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in CALLS and name not in names:
            return _computed(CALLS[name], *(value_of(one, names) for one in args))
        case _:
            raise UnknownError


def _piece(node: ast.expr, names: Mapping[str, Any]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.FormattedValue) or node.format_spec is not None or node.conversion != -1:
        raise UnknownError
    return str(value_of(node.value, names))


def _computed(function: Callable[..., Any], *values: Any) -> Any:
    if any(isinstance(one, (str, list, tuple, range)) and len(one) > MOST for one in values):
        raise UnknownError
    if any(isinstance(one, (int, float)) and abs(one) > 1e9 for one in values):
        raise UnknownError
    try:
        result = function(*values)
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise UnknownError from error
    if isinstance(result, (str, list, tuple, range)) and len(result) > MOST:
        raise UnknownError
    return result


def printed_by(statements: Iterable[ast.stmt], names: dict[str, Any]) -> str:
    """What statements print; they bind their names on the way."""
    return "".join(_printed_by_one(one, names) for one in statements)


def _printed_by_one(node: ast.stmt, names: dict[str, Any]) -> str:
    match node:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return ""
        case ast.FunctionDef(decorator_list=[]) | ast.Import() | ast.ImportFrom() if _is_silent(node):
            return ""
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            names[name] = value_of(value, names)
            return ""
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=args, keywords=keywords)):
            given = {one.arg or "": value_of(one.value, names) for one in keywords}
            if given.keys() - {"sep", "end"} or any(not isinstance(one, str) for one in given.values()):
                raise UnknownError
            parts = [str(value_of(one, names)) for one in args]
            return str(given.get("sep", " ").join(parts) + given.get("end", "\n"))
        case ast.For(target=ast.Name(id=name), iter=source, body=body, orelse=[]):
            turns = list(_computed(iter, value_of(source, names)))
            return "".join(printed_by(body, _bind(names, name, one)) for one in turns[:MOST])
        case _:
            raise UnknownError


def _bind(names: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    names[name] = value
    return names


def _is_silent(node: ast.stmt) -> bool:
    """Whether an import (or a definition) prints nothing for sure."""
    import sys

    if isinstance(node, ast.ImportFrom):
        modules = [node.module or "."]
    else:
        modules = [one.name for one in node.names] if isinstance(node, ast.Import) else []
    known = (sys.stdlib_module_names - {"this", "antigravity"}) | SILENT_MODULES
    return all(one.partition(".")[0] in known for one in modules)


def constants_before(facts: Facts, number: int, changed: frozenset[str]) -> dict[str, Any]:
    """The names that one statement of an earlier cell binds to a value that the text tells, and nobody changes."""
    bound: dict[str, int] = {}
    for one in facts.statements:
        for name in (*one.use.binds, *one.use.global_writes, *one.use.deletes):
            bound[name] = bound.get(name, 0) + 1
    found: dict[str, Any] = {}
    for one in facts.statements:
        node = one.node
        if one.cell >= number or not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target = node.targets[0]
        if isinstance(target, ast.Name) and bound.get(target.id) == 1 and target.id not in changed:
            try:
                found[target.id] = value_of(node.value, found)
            except UnknownError:
                continue
    return found
