"""Assignments that name a type: `Edge = tuple`, `Vector = list[float]`, `Maze = namedtuple("Maze", "width height")`.

What they bind never changes, and it stands in annotations and in the classes of values: it belongs to the definitions.
"""

import ast
from collections.abc import Mapping

from nb2pipe.analysis import ImportedName

from .timeless import dotted, qualified

_BUILTIN = frozenset(
    "int float complex str bytes bytearray bool list tuple dict set frozenset range slice object type".split()
)
_MAKERS = frozenset(
    "collections.namedtuple typing.NamedTuple typing.NewType typing.TypeVar typing.TypedDict enum.Enum enum.IntEnum"
    " enum.StrEnum enum.Flag enum.IntFlag".split()
)
_GENERIC = frozenset(("typing", "collections", "collections.abc", "numpy.typing"))


def named_type(node: ast.stmt, imports: Mapping[str, ImportedName]) -> str:
    """The name that a statement gives to a type, else ""."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
            return name if _is_made(call, imports) else ""
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name if _is_type(value, imports) else ""
    return ""


def _is_type(node: ast.expr, imports: Mapping[str, ImportedName]) -> bool:
    if isinstance(node, ast.Subscript):
        return _is_type(node.value, imports) and _is_argument(node.slice, imports)
    if isinstance(node, ast.BinOp):
        parts = (node.left, node.right)
        return isinstance(node.op, ast.BitOr) and all(_is_argument(one, imports) for one in parts)
    if isinstance(node, ast.Name) and node.id in _BUILTIN:
        return True
    return qualified(dotted(node), imports).rpartition(".")[0] in _GENERIC


def _is_argument(node: ast.expr, imports: Mapping[str, ImportedName]) -> bool:
    """Whether it can stand between the brackets of a generic type: `None`, `...`, `"Later"`, a name, a list of them."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(_is_argument(one, imports) for one in node.elts)
    return (
        isinstance(node, (ast.Constant, ast.Name))
        or _is_type(node, imports)
        or bool(qualified(dotted(node), imports))
    )


def _is_made(call: ast.Call, imports: Mapping[str, ImportedName]) -> bool:
    """Whether a call makes a type from nothing but constants and types."""
    given = [*call.args, *(one.value for one in call.keywords)]
    return qualified(dotted(call.func), imports) in _MAKERS and all(_is_field(one, imports) for one in given)


def _is_field(node: ast.expr, imports: Mapping[str, ImportedName]) -> bool:
    if isinstance(node, ast.Dict):
        return all(one is not None and _is_field(one, imports) for one in (*node.keys, *node.values))
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(_is_field(one, imports) for one in node.elts)
    return isinstance(node, ast.Constant) or _is_type(node, imports)
