"""Which expressions give the same value whenever they are evaluated: only those can move to the top of a module."""

import ast
from collections.abc import Iterator, Mapping

from nb2pipe.analysis import ImportedName
from nb2pipe.analysis.catalogue import catalogue

_MAKERS = frozenset("field dataclasses.field auto enum.auto staticmethod classmethod property".split())
_PURE = frozenset(
    "list dict set tuple frozenset range int float complex str bytes bool slice object len abs round sorted"
    " namedtuple collections.namedtuple".split()
)
_CONTAINERS = (ast.List, ast.Set, ast.Dict, ast.Tuple, ast.Starred, ast.JoinedStr, ast.FormattedValue)
_OPERATIONS = (ast.UnaryOp, ast.BinOp, ast.Lambda)


def is_constant(node: ast.expr, changed: frozenset[str]) -> bool:
    """Whether it is one and the same immutable value: `3`, `-1.5`, `(1, 'a')`, `np.nan`.

    `changed` are names that the notebook sets an attribute of: what they hold depends on when one looks.
    """
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.UnaryOp):
        return is_constant(node.operand, changed)
    if isinstance(node, ast.BinOp):
        return is_constant(node.left, changed) and is_constant(node.right, changed)
    if isinstance(node, ast.Tuple):
        return all(is_constant(one, changed) for one in node.elts)
    # A dotted name is fine when its root is an import: the caller checks what is read immediately.
    root = dotted(node).partition(".")[0]
    return isinstance(node, (ast.Attribute, ast.Name)) and bool(root) and root not in changed


def is_timeless(node: ast.expr, imports: Mapping[str, ImportedName], changed: frozenset[str]) -> bool:
    """Whether it makes an equal value whenever it is evaluated, and does nothing else."""
    if is_constant(node, changed) or isinstance(node, ast.Lambda):
        return True
    if isinstance(node, ast.Call):
        return _is_pure(node, imports) and all(is_timeless(one, imports, changed) for one in _given(node))
    if isinstance(node, (*_CONTAINERS, *_OPERATIONS)):
        parts = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)]
        return all(is_timeless(one, imports, changed) for one in parts)
    return False


def _given(call: ast.Call) -> Iterator[ast.expr]:
    yield from call.args
    yield from (one.value for one in call.keywords)


def _is_pure(call: ast.Call, imports: Mapping[str, ImportedName]) -> bool:
    """Whether a call only makes a value: it neither draws, nor looks around, nor changes anything."""
    name = dotted(call.func)
    if name in _MAKERS or name in _PURE:
        return True
    imported, know = imports.get(name.partition(".")[0]), catalogue()
    if imported is None or not know.is_known(imported.root):
        return False
    full = qualified(name, imports)
    return not (know.touches(full) or know.file_uses(full) or know.changed_arguments(full))


def qualified(name: str, imports: Mapping[str, ImportedName]) -> str:
    """What a dotted name stands for by the notebook's imports, else ""."""
    root, _, rest = name.partition(".")
    return f"{imports[root].qualified}.{rest}".rstrip(".") if root in imports else ""


def dotted(node: ast.AST) -> str:
    """`a.b.c` as text, the function's name for a call, else ""."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return node.id if isinstance(node, ast.Name) else ""
