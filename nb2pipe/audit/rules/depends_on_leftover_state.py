"""The cell asks whether a variable is still there from an earlier run.

A clean kernel takes the other path, which the author may not have seen for weeks.
"""

import ast
from collections.abc import Iterator

from nb2pipe.analysis.guards import is_suppress
from nb2pipe.analysis.hazards import BUILTINS
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB207",
    "depends-on-leftover-state",
    Severity.WARNING,
    message="this cell asks whether `{variable}` is left over from an earlier run; a clean kernel takes the other path",
    hint="bind `{variable}` in every case",
)
GOOD = [cells("x = 1", "print(x)"), cells("table = {'a': 1}", "if 'b' not in table:\n    table['b'] = 2")]
BAD = [
    (
        cells("if 'x' not in globals():\n    x = 1", "print(x)"),
        [
            "1:1 this cell asks whether `x` is left over from an earlier run; a clean kernel takes the other path"
        ],
    ),
    (
        cells("try:\n    n += 1\nexcept NameError:\n    n = 0", "print(n)"),
        [
            "1:1 this cell asks whether `n` is left over from an earlier run; a clean kernel takes the other path"
        ],
    ),
]
NAMESPACES = ("globals", "locals", "vars", "dir")
CAUGHT = ("NameError", "UnboundLocalError", "Exception", "BaseException")


def check(view: View) -> Iterator[Finding]:
    """The questions about names of the notebook."""
    known: set[str] = set()
    for cell in view.cells:
        for one in cell.statements:
            if {*NAMESPACES, "NameError", "get_ipython"} & one.use.reads.keys() or isinstance(
                one.node, ast.Try
            ):
                for name, node in _questions(one.node):
                    if name not in known and name in view.facts.bound and not view.know.removed(name):
                        yield RULE.at(Spot(cell.number, node.lineno, node.col_offset + 1), variable=name)
            known |= {name for name, surely in one.use.binds.items() if surely}


def _questions(statement: ast.stmt) -> Iterator[tuple[str, ast.stmt | ast.expr]]:
    for node in ast.walk(statement):
        match node:
            case ast.Compare(
                left=ast.Constant(value=str(name)),
                ops=[ast.In() | ast.NotIn()],
                comparators=[space],
            ) if _is_space(space):
                yield name, node
            case ast.With(items=items, body=body) if any(_suppresses(one.context_expr) for one in items):
                for name in dict.fromkeys((*_names(body, ast.Load), *_names(body, ast.Del))):
                    if name not in BUILTINS and name not in _names(body[:1], ast.Store):
                        yield name, node
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Call(func=ast.Name(id="globals" | "locals" | "vars")), attr="get" | "setdefault"
                ),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name, node
            case ast.Try():
                yield from _of_try(node)
            case _:
                pass


def _is_space(node: ast.expr) -> bool:
    """`globals()`, `locals().keys()`, `list(vars())`, `get_ipython().user_ns`."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[]) if name in NAMESPACES:
            return True
        case ast.Call(func=ast.Attribute(value=inner, attr="keys" | "copy"), args=[]):
            return _is_space(inner)
        case ast.Call(func=ast.Name(id="list" | "set" | "sorted" | "tuple"), args=[inner]):
            return _is_space(inner)
        case ast.Attribute(attr="user_ns" | "user_global_ns"):
            return True
        case _:
            return False


def _suppresses(node: ast.expr) -> bool:
    """`suppress(NameError)`."""
    return is_suppress(node) and any(isinstance(one, ast.Name) and one.id == "NameError" for one in node.args)


def _of_try(node: ast.Try) -> Iterator[tuple[str, ast.stmt]]:
    """`try: data` / `except NameError: data = ...`."""
    for handler in node.handlers:
        caught = (
            [ast.unparse(handler.type)]
            if handler.type is not None and not isinstance(handler.type, ast.Tuple)
            else []
        )
        if isinstance(handler.type, ast.Tuple):
            caught = [ast.unparse(one) for one in handler.type.elts]
        is_named = any(name in CAUGHT[:2] for name in caught)
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Name):
            if is_named or not caught or caught[0] in CAUGHT:
                yield first.value.id, node
            continue
        bound = _names(handler.body, ast.Store)
        read = [name for name in _names(node.body, ast.Load) if name not in BUILTINS]
        made = () if isinstance(node.body[0], ast.AugAssign) else _names(node.body[:1], ast.Store)
        for name in dict.fromkeys(read):
            is_asked = is_named or (name in bound and (not caught or caught[0] == "Exception"))
            if is_asked and name not in made:
                yield name, node


def _names(nodes: list[ast.stmt], context: type[ast.expr_context]) -> list[str]:
    """The names in these statements that are read, or bound; an augmented one is both."""
    leaves = [leaf for one in nodes for leaf in ast.walk(one)]
    found = [leaf.id for leaf in leaves if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, context)]
    augmented = [leaf.target for leaf in leaves if isinstance(leaf, ast.AugAssign)]
    return [*found, *(one.id for one in augmented if isinstance(one, ast.Name))]
