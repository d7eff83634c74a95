"""What code prints and gives whose values all stand in the text: numbers, texts, lists, and loops over them."""

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from nb2pipe.analysis import Facts


class UnknownError(Exception):
    """The text does not tell."""


def _power(left: Any, right: Any) -> Any:
    if abs(right) > 64 or abs(left) > 1e6:
        raise UnknownError
    return left**right


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
    "float": float,
    "bool": bool,
    "round": round,
    "any": any,
    "all": all,
    "reversed": lambda one: list(reversed(one)),
    "repr": repr,
}
# Methods of texts that only make texts, lists, numbers and truth values.
OF_TEXTS = frozenset(
    "upper lower title capitalize strip lstrip rstrip replace split join startswith endswith count find swapcase zfill center"
    " ljust rjust isdigit isalpha index removeprefix removesuffix splitlines partition format".split()
)
COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left != right,
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
OPERATIONS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.FloorDiv: lambda left, right: left // right,
    ast.Mod: lambda left, right: left % right,
    ast.Pow: _power,
}
SILENT_MODULES = frozenset("numpy pandas matplotlib seaborn scipy sklearn".split())
WIDE = re.compile(r"\d{4,}")  # a width of that many signs, where the text is a format


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
        case ast.JoinedStr(values=parts):
            return "".join(_piece(one, names) for one in parts)
        case ast.Call(func=function, args=args, keywords=[]):
            return _value_of_call(function, args, names)
        case ast.Subscript(value=owner, slice=key):
            return _value_of_item(owner, key, names)
        case ast.ListComp(elt=made_of, generators=[one]):
            return _value_of_list(made_of, one, names)
        case _:
            return _value_of_operation(node, names)


def _value_of_operation(node: ast.AST, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATIONS:
            return _computed(OPERATIONS[type(operator)], value_of(left, names), value_of(right, names))
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in COMPARISONS:
            return _computed(COMPARISONS[type(operator)], value_of(left, names), value_of(right, names))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _computed(lambda one: -one, value_of(operand, names))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not value_of(operand, names)
        case _:
            raise UnknownError


def _value_of_call(function: ast.expr, args: list[ast.expr], names: Mapping[str, Any]) -> Any:
    match function:
        case ast.Name(id=name) if name in CALLS and name not in names:
            return _computed(CALLS[name], *(value_of(one, names) for one in args))
        case ast.Attribute(value=owner, attr=name) if name in OF_TEXTS:
            text = value_of(owner, names)
            if isinstance(text, str):
                return _computed(getattr(text, name), text, *(value_of(one, names) for one in args), own=1)
    raise UnknownError


def _value_of_item(owner: ast.expr, key: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(key, ast.Slice):
        ends = (None if one is None else value_of(one, names) for one in (key.lower, key.upper, key.step))
        return _computed(lambda one, *part: one[slice(*part)], value_of(owner, names), *ends)
    return _computed(lambda one, place: one[place], value_of(owner, names), value_of(key, names))


def _value_of_list(made: ast.expr, loop: ast.comprehension, names: Mapping[str, Any]) -> Any:
    if not isinstance(loop.target, ast.Name):
        raise UnknownError
    spaces = [{**names, loop.target.id: one} for one in _turns(loop.iter, names)]
    return [value_of(made, space) for space in spaces if all(value_of(one, space) for one in loop.ifs)]


def _turns(source: ast.expr, names: Mapping[str, Any]) -> list[Any]:
    """What a loop goes over."""
    turns = list(_computed(iter, value_of(source, names)))
    if len(turns) > MOST:
        raise UnknownError
    return turns


def _piece(node: ast.expr, names: Mapping[str, Any]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.FormattedValue) or node.conversion != -1:
        raise UnknownError
    if node.format_spec is None:
        return str(value_of(node.value, names))
    return str(_computed(format, value_of(node.value, names), value_of(node.format_spec, names)))


def _computed(function: Callable[..., Any], *values: Any, own: int = 0) -> Any:
    """The result of a function; the first `own` values are only looked at."""
    if any(isinstance(one, (str, list, tuple, range)) and len(one) > MOST for one in values):
        raise UnknownError
    numbers = [abs(one) for one in values if isinstance(one, (int, float))]
    has_text = any(isinstance(one, (str, list, tuple)) for one in values)
    if any(one > (MOST if has_text else 1e9) for one in numbers):
        raise UnknownError
    if any(isinstance(one, str) and WIDE.search(one) for one in values):
        raise UnknownError
    try:
        result = function(*values[own:])
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
            parts = []
            for one in _turns(source, names):
                names[name] = one
                parts.append(printed_by(body, names))
            return "".join(parts)
        case _:
            raise UnknownError


def _is_silent(node: ast.stmt) -> bool:
    """Whether an import (or a definition) prints nothing for sure."""
    if isinstance(node, ast.ImportFrom):
        modules = [node.module or "."]
    else:
        modules = [one.name for one in node.names] if isinstance(node, ast.Import) else []
    known = (sys.stdlib_module_names - {"this", "antigravity"}) | SILENT_MODULES
    return all(one.partition(".")[0] in known for one in modules)


def constants_of(facts: Facts, changed: frozenset[str]) -> list[tuple[int, str, Any]]:
    """The names that only one statement binds, to a value that the text tells, and nobody changes: cell, name, value."""
    bound: dict[str, int] = {}
    for one in facts.statements:
        for name in (*one.use.binds, *one.use.global_writes, *one.use.deletes):
            bound[name] = bound.get(name, 0) + 1
    known: dict[str, Any] = {}
    found = []
    for one in facts.statements:
        for target, value in assigned(one.node):
            if bound.get(target) == 1 and target not in changed:
                try:
                    known[target] = value_of(value, known)
                except UnknownError:
                    continue
                found.append((one.cell, target, known[target]))
    return found


def assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The names that an assignment gives values, `a, b = 1, 2` taken apart."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(
            targets
        ) == len(values):
            for target, value in zip(targets, values, strict=True):
                if isinstance(target, ast.Name):
                    yield target.id, value
        case _:
            pass
