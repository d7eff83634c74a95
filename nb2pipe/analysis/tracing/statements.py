"""Statements -> bindings and changes."""

import ast
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from . import calls, expressions, functions
from .elements import element, part
from .state import KERNEL_NAMES, Tracer, qualified, root_name
from .things import Scope, Thing

LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
COPYING = ("pandas.DataFrame", "pandas.Series", "numpy.ndarray", "pandas.Index", "torch.Tensor")
IN_PLACE = frozenset(
    "list set dict bytearray collections.deque collections.Counter numpy.ndarray torch.Tensor".split()
)
FRAMES = ("pandas.DataFrame", "pandas.Series")


def body(t: Tracer, statements: Iterable[ast.stmt]) -> bool:
    """Walk statements; whether the last one lets the next run."""
    last: ast.stmt | None = None
    for last in statements:
        statement(t, last)
    return not isinstance(last, LEAVING)


def statement(t: Tracer, node: ast.stmt) -> None:
    """Walk one statement."""
    known = STATEMENTS.get(type(node))
    if known is not None:
        known(t, node)
    else:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                expressions.evaluate(t, child)


def _expression(t: Tracer, node: ast.Expr) -> None:
    expressions.evaluate(t, node.value)


def _assign(t: Tracer, node: ast.Assign) -> None:
    thing = expressions.evaluate(t, node.value)
    for target in node.targets:
        assign(t, target, thing)


def _annotated(t: Tracer, node: ast.AnnAssign) -> None:
    if node.value is not None:
        assign(t, node.target, expressions.evaluate(t, node.value))


def assign(t: Tracer, target: ast.expr, thing: Thing, how: str = "") -> None:
    """Give a target a value."""
    if isinstance(target, ast.Name):
        t.bind(target.id, thing, target)
    elif isinstance(target, (ast.Tuple, ast.List)):
        expressions.use_up(t, thing, target)
        for number, one in enumerate(target.elts):
            if isinstance(one, ast.Starred):
                rest = t.made("list", "part", one, (thing,))  # a new list of the thing's elements
                rest.hold(element(t, thing, one))
                assign(t, one.value, rest)
            else:
                assign(t, one, part(t, thing, number, len(target.elts), one))
    elif isinstance(target, ast.Subscript):
        _store_item(t, target, thing, how or "item")
    elif isinstance(target, ast.Attribute):
        _store_attribute(t, target, thing, how or "attribute")
    elif isinstance(target, ast.Starred):
        assign(t, target.value, thing)


def _store_item(t: Tracer, target: ast.Subscript, thing: Thing, how: str) -> None:
    receiver, key = expressions.evaluate(t, target.value), expressions.evaluate(t, target.slice)
    if receiver.kind == "name":
        name = f"{receiver.origin}.__setitem__"
        t.called(name, target, receiver, (key, thing), {}, {0: key.const, 1: thing.const}, thing)
        return
    known = key.const if isinstance(key.const, (str, int)) else ...
    is_structure = receiver.type in FRAMES and isinstance(target.value, ast.Name) and known is not ...
    t.change(
        receiver,
        how,
        "sure",
        target,
        through=target.value,
        is_structure=is_structure,
        key=key.const,
        value=thing,
        at=key,
    )
    if receiver.type not in COPYING:
        receiver.hold(thing, known)


def _store_attribute(t: Tracer, target: ast.Attribute, thing: Thing, how: str) -> None:
    receiver = expressions.evaluate(t, target.value)
    if receiver.kind == "name":
        name = t.know.canonical(f"{receiver.origin}.{target.attr}")
        t.used(name, target, thing, is_written=True, value=thing)
        return
    if receiver.kind in ("function", "class") and receiver.keyed is None:
        receiver.keyed = {}
    is_structure = receiver.type in FRAMES
    t.change(
        receiver,
        how,
        "sure",
        target,
        through=target.value,
        is_structure=is_structure,
        key=target.attr,
        value=thing,
    )
    receiver.hold(thing, f".{target.attr}" if receiver.kind != "class" else target.attr)


def _augmented(t: Tracer, node: ast.AugAssign) -> None:
    value, given = expressions.evaluate(t, node.value), expressions.operator(node.op)
    target = node.target
    if isinstance(target, ast.Name):
        before = t.load(target.id)
        is_plain = before.kind == "name" or before.is_plain or before.type in ("tuple", "frozenset")
        if not is_plain and (before.type in IN_PLACE or before.type in FRAMES):
            t.change(before, "augmented", "sure", node, through=target, value=value, given=given)
            for one in value.parts or ():
                before.hold(one)
            t.bind(target.id, before, target)
            return
        made = t.made(before.type or value.type, "augmented", node, (before, value), given)
        t.bind(target.id, made, target)
        return
    before = expressions.evaluate(t, target)
    made = t.made(None, "augmented", node, (before, value), given)
    assign(t, target, made, "augmented")


def _for(t: Tracer, node: ast.For | ast.AsyncFor) -> None:
    source = expressions.evaluate(t, node.iter)
    one = expressions.iterate(t, source, node.iter)
    assign(t, node.target, one)
    body(t, node.body)
    body(t, node.orelse)


def _while(t: Tracer, node: ast.While) -> None:
    expressions.evaluate(t, node.test)
    body(t, node.body)
    body(t, node.orelse)


def _if(t: Tracer, node: ast.If) -> None:
    expressions.evaluate(t, node.test)
    if isinstance(node.test, ast.Constant):
        body(t, node.body if node.test.value else node.orelse)
        return
    t.branches([partial(body, t, node.body), partial(body, t, node.orelse)])


def _with(t: Tracer, node: ast.With | ast.AsyncWith) -> None:
    for one in node.items:
        thing = expressions.evaluate(t, one.context_expr)
        entered = functions.member(t, thing, "__enter__")
        if entered is not None and entered.node is not None:
            calls.apply(
                t,
                one.context_expr,
                Thing(kind="bound", owner=thing, node=entered.node, scope=entered.scope),
                [],
                {},
                {},
            )
        if one.optional_vars is not None:
            assign(t, one.optional_vars, thing)
    body(t, node.body)


def _try(t: Tracer, node: ast.Try) -> None:
    def handler(one: ast.ExceptHandler) -> bool:
        if one.type is not None:
            expressions.evaluate(t, one.type)
        if one.name:
            t.bind(one.name, t.made("Exception", "exception", one), one)
        goes_on = body(t, one.body)
        if one.name:
            t.unbind(one.name)
        return goes_on

    blocks: list[Callable[[], bool]] = [lambda: body(t, [*node.body, *node.orelse])]
    blocks += [partial(handler, one) for one in node.handlers]
    t.branches(blocks)
    body(t, node.finalbody)


def _match(t: Tracer, node: ast.Match) -> None:
    subject = expressions.evaluate(t, node.subject)

    def case(one: ast.match_case) -> bool:
        for leaf in ast.walk(one.pattern):
            captured = getattr(leaf, "name", None) or getattr(leaf, "rest", None)
            if isinstance(captured, str):
                t.bind(captured, t.made(None, "part", leaf, (subject,)), leaf)
        if one.guard is not None:
            expressions.evaluate(t, one.guard)
        return body(t, one.body)

    t.branches([*(partial(case, one) for one in node.cases), lambda: True])


def _import(t: Tracer, node: ast.Import) -> None:
    for alias in node.names:
        name = alias.asname or alias.name.partition(".")[0]
        module = alias.name if alias.asname else name
        t.bind(name, qualified(t.know.canonical(module)), node, "import")
        t.used(alias.name, node, qualified(alias.name))


def _import_from(t: Tracer, node: ast.ImportFrom) -> None:
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            t.stars.append(module)
            t.used(f"{module}.*", node, qualified(module))
            continue
        full = t.know.canonical(f"{module}.{alias.name}")
        t.bind(alias.asname or alias.name, qualified(full), node, "import")
        t.used(f"{module}.{alias.name}", node, qualified(full))


def _function(t: Tracer, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            expressions.evaluate(t, default)
    made = Thing(
        kind="function", type="function", origin=node.name, node=node, scope=t.scope, place=t.place(node)
    )
    t.functions.append(made)
    for decorator in node.decorator_list:
        _decorate(t, decorator, made)
    t.bind(node.name, made, node, "definition")


def _decorate(t: Tracer, decorator: ast.expr, made: Thing) -> None:
    """`@interact(k=3)` calls what it decorates; other decorators are only noted."""
    called = expressions.evaluate(t, decorator.func if isinstance(decorator, ast.Call) else decorator)
    args, keywords, given = calls.arguments(t, decorator) if isinstance(decorator, ast.Call) else ([], {}, {})
    if called.kind == "name" and called.origin not in ("property", "staticmethod", "classmethod"):
        result = t.made(None, called.origin, decorator, (made,))
        t.called(called.origin, decorator, None, (*args, made), keywords, given, result)


def _class(t: Tracer, node: ast.ClassDef) -> None:
    bases = tuple(expressions.evaluate(t, one) for one in node.bases)
    made = Thing(
        kind="class", type="type", origin=node.name, node=node, place=t.place(node), sources=bases, keyed={}
    )
    before = t.scope
    t.scope = Scope(outer=before)
    body(t, node.body)
    for name, thing in t.scope.names.items():
        if thing.kind == "function" and thing.scope is t.scope:
            thing.scope = before
        made.hold(thing, name)
    t.scope = before
    t.bind(node.name, made, node, "definition")


def _delete(t: Tracer, node: ast.Delete) -> None:
    for target in node.targets:
        _delete_one(t, target)


def _delete_one(t: Tracer, target: ast.expr) -> None:
    if isinstance(target, ast.Name):
        t.unbind(target.id)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for one in target.elts:
            _delete_one(t, one)
    elif isinstance(target, (ast.Subscript, ast.Attribute)):
        receiver = expressions.evaluate(t, target.value)
        key = expressions.evaluate(t, target.slice) if isinstance(target, ast.Subscript) else None
        if receiver.kind == "name":
            name = f"{receiver.origin}.__delitem__" if key else f"{receiver.origin}.{target.attr}"  # type: ignore[union-attr]
            t.called(name, target, receiver, (key,) if key else (), {}, {}, receiver)
            return
        is_structure = receiver.type in FRAMES
        t.change(
            receiver,
            "del",
            "sure",
            target,
            through=target.value,
            is_structure=is_structure,
            key=key.const if key else ...,
        )


def _return(t: Tracer, node: ast.Return) -> None:
    if node.value is not None:
        t.returned.append(expressions.evaluate(t, node.value))


STATEMENTS: dict[type[ast.AST], Callable[[Tracer, Any], None]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.If: _if,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Delete: _delete,
    ast.Return: _return,
}
__all__ = ["KERNEL_NAMES", "assign", "body", "root_name", "statement"]
