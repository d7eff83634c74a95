"""The notebook's own functions and classes: walked with the arguments of each call."""

import ast
from collections.abc import Mapping, Sequence

from nb2pipe.analysis.inner_names import function_names

from . import expressions, statements
from .state import Tracer
from .things import Scope, Thing

DEPTH = 5  # calls within calls that are followed
VISITS = 6  # how often one function is walked


def member(t: Tracer, receiver: Thing, name: str) -> Thing | None:
    """A method or class attribute of an instance of a notebook class (or of the class itself)."""
    owner = receiver if receiver.kind == "class" else receiver.owner if receiver.kind == "value" else None
    for _ in range(6):
        if owner is None or owner.kind != "class" or owner.keyed is None:
            return None
        if name in owner.keyed:
            return owner.keyed[name]
        owner = next((one for one in owner.sources if one.kind == "class"), None)
    return None


def instance(t: Tracer, node: ast.AST, called: Thing, args: list[Thing], keywords: dict[str, Thing]) -> Thing:
    """A new object of a notebook class."""
    base = next((one.origin for one in called.sources if one.kind == "name"), None)
    made = t.made(t.know.canonical(base) if base else None, called.origin, node, tuple(args[:8]))
    made.owner = called
    if made.type is None or not t.know.knows_type(made.type):
        made.type = made.type or f"__main__.{called.origin}"
    for name in ("__init__", "__post_init__"):
        initial = member(t, called, name)
        if initial is not None and initial.node is not None:
            invoke(t, initial, [made, *args] if name == "__init__" else [made], keywords)
            return made
    for number, one in enumerate(args):
        made.hold(one, number)
    for name, one in keywords.items():
        made.hold(one, f".{name}")
    return made


def is_static(node: ast.AST) -> bool:
    """Whether a method gets no receiver."""
    return any(
        isinstance(one, ast.Name) and one.id == "staticmethod" for one in getattr(node, "decorator_list", ())
    )


def invoke(t: Tracer, function: Thing, args: Sequence[Thing], keywords: Mapping[str, Thing]) -> Thing:
    """Walk a notebook function's body with these arguments; what it returns."""
    node = function.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return Thing()
    visits = t.visits.get(node, 0)
    if node in t.active or len(t.active) >= DEPTH or visits >= VISITS:
        read_all(t, node)
        return Thing(sources=tuple(args[:4]), origin=getattr(node, "name", "lambda"))
    t.visits[node] = visits + 1
    t.active.append(node)
    scope = Scope(outer=function.scope or t.globals, declared=_declared(node))
    _bind_parameters(t, scope, node, args, keywords)
    saved = t.scope, t.cell, t.returned, t.yielded
    t.scope, t.returned, t.yielded = scope, [], []
    t.cell = function.place.cell or t.cell
    try:
        return _walk_body(t, node)
    finally:
        t.scope, t.cell, t.returned, t.yielded = saved
        t.active.pop()


def read_all(t: Tracer, node: ast.AST) -> None:
    """Write down all that a function may read, where its body is not walked again."""
    waiting, done = [node], set()
    while waiting:
        one = waiting.pop()
        if one in done or not isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        done.add(one)
        for name in function_names(one).free:
            found = t.globals.names.get(name)
            if found is not None:
                t.reads[t.run.cell, name] = None
                if found.kind == "function" and found.node is not None:
                    waiting.append(found.node)


def _walk_body(t: Tracer, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Thing:
    if isinstance(node, ast.Lambda):
        return expressions.evaluate(t, node.body)
    statements.body(t, node.body)
    if t.yielded:
        made = t.made("generator", "generator", node)
        for one in t.yielded:
            made.hold(one)
        return made
    return t.merged(t.returned) or Thing(type="NoneType", const=None)


def _declared(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    if isinstance(node, ast.Lambda):
        return frozenset()
    return frozenset(name for one in ast.walk(node) if isinstance(one, ast.Global) for name in one.names)


def _bind_parameters(
    t: Tracer,
    scope: Scope,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
    args: Sequence[Thing],
    keywords: Mapping[str, Thing],
) -> None:
    names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
    every = [*names, *(one.arg for one in node.args.kwonlyargs)]
    for name in every:
        scope.names[name] = Thing(origin="parameter")
    defaults = zip(reversed(names), reversed(node.args.defaults), strict=False)
    for name, default in (*defaults, *zip(every[len(names) :], node.args.kw_defaults, strict=False)):
        if isinstance(default, ast.Constant):
            scope.names[name] = Thing(type=type(default.value).__name__, const=default.value)
    scope.names.update(zip(names, args, strict=False))
    scope.names.update({name: one for name, one in keywords.items() if name in every})
    if node.args.vararg:
        rest = Thing(type="tuple", origin="parameter")
        for number, one in enumerate(args[len(names) :]):
            rest.hold(one, number)
        scope.names[node.args.vararg.arg] = rest
    if node.args.kwarg:
        more = Thing(type="dict", origin="parameter")
        for name, one in keywords.items():
            if name not in every:
                more.hold(one, name)
        scope.names[node.args.kwarg.arg] = more
