"""Expressions -> things."""

import ast
from collections.abc import Callable
from functools import cache
from types import MappingProxyType
from typing import Any

from . import calls, functions, statements
from .elements import element, item
from .state import Tracer, qualified
from .things import Given, Scope, Thing

ARRAYS = (
    "pandas.DataFrame",
    "pandas.Series",
    "numpy.ndarray",
    "pandas.Index",
    "torch.Tensor",
    "pathlib.Path",
)
NUMBERS = ("float", "int", "bool", "complex")
INLINE_LIMIT = 60
COPIED = frozenset(("values", "T"))  # of a frame: a copy as soon as its columns have different types


def evaluate(t: Tracer, node: ast.expr) -> Thing:
    """The thing that an expression gives."""
    known = EXPRESSIONS.get(type(node))
    return known(t, node) if known else _other(t, node)


def _other(t: Tracer, node: ast.expr) -> Thing:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            evaluate(t, child)
    return Thing(place=t.place(node))


def _constant(t: Tracer, node: ast.Constant) -> Thing:
    value = node.value
    return Thing(type=type(value).__name__, const=value, place=t.place(node))


def _name(t: Tracer, node: ast.Name) -> Thing:
    thing = t.load(node.id)
    if thing.kind == "name":
        t.used(thing.origin, node, thing)
    return thing


def _attribute(t: Tracer, node: ast.Attribute) -> Thing:
    return attribute(t, evaluate(t, node.value), node.attr, node)


def attribute(t: Tracer, receiver: Thing, name: str, node: ast.expr) -> Thing:
    """What `receiver.name` gives."""
    if receiver.kind == "name":
        full = t.know.canonical(f"{receiver.origin}.{name}")
        thing = qualified(full)
        t.used(full, node, thing)
        return thing
    key = f".{name}"
    if receiver.keyed and key in receiver.keyed:
        return receiver.keyed[key]
    own = functions.member(t, receiver, name)
    if own is not None:
        if own.kind != "function":
            return own
        if _is_property(own.node):
            return functions.invoke(t, own, [receiver], {})
        return Thing(
            kind="bound", origin=key, owner=receiver, node=own.node, scope=own.scope, place=own.place
        )
    return _unknown_attribute(t, receiver, name, node)


def _unknown_attribute(t: Tracer, receiver: Thing, name: str, node: ast.expr) -> Thing:
    known = bool(receiver.type) and t.know.knows_type(receiver.type or "")
    full = f"{receiver.type}.{name}" if known else f".{name}"
    type_ = t.know.returns(full) if known else None
    result = t.made(type_, full, node, (receiver,))
    t.used(full, node, result)
    sharing = t.know.sharing(full) if known else None
    if sharing in ("view", "self"):
        if not (receiver.type == "pandas.DataFrame" and name in COPIED):
            result.share(receiver)
    elif receiver.type == "pandas.DataFrame" and type_ is None and not _is_method(t, receiver, name):
        result.type = "pandas.Series"  # df.column
        result.share(receiver)
        result.given = {0: name}
    elif not known and not result.is_plain:
        receiver.hold(result, f".{name}")
    return result


def _is_method(t: Tracer, receiver: Thing, name: str) -> bool:
    return any(
        name in part
        for one in t.know.lineage(receiver.type or "")
        for part in (t.know.types[one].pure, t.know.types[one].mutates, t.know.types[one].inplace)
    )


def _is_property(node: ast.AST | None) -> bool:
    decorators = getattr(node, "decorator_list", ())
    return any("property" in ast.dump(one) for one in decorators)


def _subscript(t: Tracer, node: ast.Subscript) -> Thing:
    receiver = evaluate(t, node.value)
    key = evaluate(t, node.slice)
    if receiver.kind == "name":
        full = f"{receiver.origin}.__getitem__"
        result = t.made(t.know.returns(full), full, node, (receiver, key))
        t.called(full, node, receiver, (key,), {}, {0: key.const}, result)
        return result
    return item(t, receiver, key, node)


def _slice(t: Tracer, node: ast.Slice) -> Thing:
    ends = (node.lower, node.upper, node.step)
    values = [None if part is None else evaluate(t, part).const for part in ends]
    made = Thing(type="slice", place=t.place(node))
    if all(one is None or isinstance(one, (int, str)) for one in values):
        made.const = slice(*values)
    return made


def _display(t: Tracer, node: ast.List | ast.Tuple | ast.Set) -> Thing:
    result = t.made(type(node).__name__.lower(), "display", node)
    values: list[Any] = []
    sources: list[Thing] = []
    for number, one in enumerate(node.elts):
        thing = evaluate(t, one)
        values.append(thing.const)
        if isinstance(one, ast.Starred):
            for part in thing.parts or ():
                result.hold(part)
            values.append(...)
        else:
            result.hold(thing, number)
        if (thing.const is ... or isinstance(one, ast.Starred)) and len(sources) < 12:
            sources.append(thing)
    result.sources = tuple(sources)
    if isinstance(node, ast.List) and len(node.elts) == 1 and isinstance(node.elts[0], ast.Starred):
        t.called("list", node, None, (thing,), {}, {}, result)  # `[*w]`
    if len(values) <= INLINE_LIMIT and all(one is not ... for one in values):
        result.const = tuple(values) if isinstance(node, ast.Tuple) else values
    return result


def _dict(t: Tracer, node: ast.Dict) -> Thing:
    result = t.made("dict", "display", node)
    sources: list[Thing] = []
    keys: dict[int | str, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        thing = evaluate(t, value)
        if key is None:
            for part in thing.parts or ():
                result.hold(part)
            continue
        known = evaluate(t, key).const
        result.hold(thing, known if isinstance(known, (str, int)) else ...)
        if isinstance(known, str):
            keys[known] = True
        if thing.const is ... and len(sources) < 12:
            sources.append(thing)
    result.sources, result.given = tuple(sources), keys  # what it is born with
    return result


def _comprehension(t: Tracer, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Thing:
    before = t.scope
    sources: list[Thing] = []
    t.scope = Scope(outer=before)
    for generator in node.generators:
        source = evaluate(t, generator.iter)
        sources.append(source)
        statements.assign(t, generator.target, iterate(t, source, generator.iter))
        for condition in generator.ifs:
            evaluate(t, condition)
    if isinstance(node, ast.DictComp):
        evaluate(t, node.key)
        part = evaluate(t, node.value)
    else:
        part = evaluate(t, node.elt)
    t.scope = before
    kind = {ast.ListComp: "list", ast.SetComp: "set", ast.DictComp: "dict"}.get(type(node), "generator")
    result = t.made(kind, "generator" if kind == "generator" else "comprehension", node, (*sources, part))
    result.hold(part)
    if kind == "list":
        t.called("list", node, None, tuple(sources[:1]), {}, {}, result)
    return result


def iterate(t: Tracer, thing: Thing, node: ast.AST) -> Thing:
    """One element of what is looped over; an iterator is used up by it."""
    use_up(t, thing, node)
    if thing.type and t.know.is_a(thing.type, "dict"):
        return t.made(None, "element", node, (thing,))  # its keys, which nobody changes
    return element(t, thing, node)


def is_iterator(t: Tracer, thing: Thing) -> bool:
    """Whether it can be read only once."""
    if thing.type in ("iterator", "generator") or thing.origin == "generator":
        return True
    return bool(thing.origin) and thing.kind == "value" and t.know.is_iterator(thing.origin, thing.given)


def _lambda(t: Tracer, node: ast.Lambda) -> Thing:
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            evaluate(t, default)
    made = Thing(
        kind="function", type="function", origin="lambda", node=node, scope=t.scope, place=t.place(node)
    )
    t.functions.append(made)
    return made


def _choice(t: Tracer, node: ast.BoolOp | ast.IfExp) -> Thing:
    parts = node.values if isinstance(node, ast.BoolOp) else [node.test, node.body, node.orelse]
    things = [evaluate(t, parts[0])]
    t.guards += 1
    things += [evaluate(t, part) for part in parts[1:]]
    t.guards -= 1
    values = things if isinstance(node, ast.BoolOp) else things[1:]
    return t.merged(values) or values[0]


def _binary(t: Tracer, node: ast.BinOp) -> Thing:
    left, right = evaluate(t, node.left), evaluate(t, node.right)
    result = t.made(_binary_type(left, right), "operator", node, (left, right), operator(node.op))
    if isinstance(node.op, ast.Add) and left.type == right.type == "list":
        for part in (*(left.parts or ()), *(right.parts or ())):
            result.hold(part)
        if isinstance(left.const, list) and isinstance(right.const, list):
            result.const = left.const + right.const
    elif isinstance(left.const, str) and isinstance(right.const, str):
        if isinstance(node.op, ast.Add):
            result.const = left.const + right.const
        elif isinstance(node.op, ast.Div):
            result.const = f"{left.const.rstrip('/')}/{right.const}"
    elif isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)) and _are_numbers(left.const, right.const):
        result.const = _arithmetic(node.op, left.const, right.const)
    return result


@cache
def _operator(name: str) -> Given:
    return MappingProxyType({"op": name})


def operator(node: ast.operator | ast.unaryop) -> Given:
    """Which operator made a thing: `{"op": "Add"}`."""
    return _operator(type(node).__name__)


def _are_numbers(*values: object) -> bool:
    return all(isinstance(one, (int, float)) and abs(one) < 1e9 for one in values)


def _arithmetic(sign: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(sign, ast.Add):
        return left + right
    return left - right if isinstance(sign, ast.Sub) else left * right


def _binary_type(left: Thing, right: Thing) -> str | None:
    for one in ARRAYS:
        if one in (left.type, right.type):
            return one
    if left.type in NUMBERS and right.type in NUMBERS:
        return min(left.type, right.type, key=NUMBERS.index)
    return left.type if left.type == right.type or left.type in ("str", "list", "tuple") else None


def _compare(t: Tracer, node: ast.Compare) -> Thing:
    things = [evaluate(t, node.left), *(evaluate(t, one) for one in node.comparators)]
    types = [one.type for one in things]
    type_ = next((one for one in ARRAYS[:4] if one in types), None)
    if isinstance(node.ops[0], (ast.In, ast.NotIn, ast.Is, ast.IsNot)) or all(
        one in (*NUMBERS, "str") for one in types
    ):
        type_ = "bool"
    return t.made(type_, "comparison", node, tuple(things[:4]))


def _unary(t: Tracer, node: ast.UnaryOp) -> Thing:
    operand = evaluate(t, node.operand)
    result = t.made(operand.type, "operator", node, (operand,), operator(node.op))
    if isinstance(node.op, ast.Not):
        result.type = "bool"
    elif isinstance(node.op, ast.USub) and isinstance(operand.const, (int, float)):
        result.const = -operand.const
    return result


def _joined(t: Tracer, node: ast.JoinedStr) -> Thing:
    texts: list[Any] = []
    sources: list[Thing] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            thing = evaluate(t, part.value)
            sources.append(thing)
            is_plain = part.format_spec is None and isinstance(thing.const, (str, int))
            texts.append(str(thing.const) if is_plain else ...)
        elif isinstance(part, ast.Constant):
            texts.append(part.value)
    result = t.made("str", "text", node, tuple(sources[:8]))
    if all(one is not ... for one in texts):
        result.const = "".join(texts)
    elif texts[0] is not ...:
        result.given = {"start": texts[0]}
    return result


def _walrus(t: Tracer, node: ast.NamedExpr) -> Thing:
    thing = evaluate(t, node.value)
    t.bind(node.target.id, thing, node.target)
    return thing


def _await(t: Tracer, node: ast.Await) -> Thing:
    return evaluate(t, node.value)


def _starred(t: Tracer, node: ast.Starred) -> Thing:
    thing = evaluate(t, node.value)
    use_up(t, thing, node.value)
    return thing


def use_up(t: Tracer, thing: Thing, node: ast.AST) -> None:
    """An iterator is read to its end, and with it those that it reads from."""
    waiting, seen = [thing], 0
    while waiting and seen < 10:
        one, seen = waiting.pop(), seen + 1
        if one.kind == "value" and is_iterator(t, one):
            t.change(one, "iterated", "sure", node, through=node)
            waiting += [source for source in one.sources if source.type != "function"]


def _yield(t: Tracer, node: ast.Yield | ast.YieldFrom) -> Thing:
    if node.value is not None:
        thing = evaluate(t, node.value)
        t.yielded.append(element(t, thing, node) if isinstance(node, ast.YieldFrom) else thing)
    return Thing(place=t.place(node))


def _call(t: Tracer, node: ast.Call) -> Thing:
    return calls.call(t, node)


EXPRESSIONS: dict[type[ast.AST], Callable[[Tracer, Any], Thing]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.List: _display,
    ast.Tuple: _display,
    ast.Set: _display,
    ast.Dict: _dict,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Lambda: _lambda,
    ast.BoolOp: _choice,
    ast.IfExp: _choice,
    ast.BinOp: _binary,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.JoinedStr: _joined,
    ast.NamedExpr: _walrus,
    ast.Await: _await,
    ast.Starred: _starred,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.Call: _call,
}
