"""Whether code may bind names that its text does not show: star imports, `exec`, `globals()[...]`, magics."""

import ast

from nb2pipe.notebooks.walking import walked

from .model import CellFacts, Statement

# Only statements that read one of these can make names that the text does not show.
OPENING = frozenset("exec globals locals vars setattr get_ipython sys builtins __main__".split())
MAGICS = frozenset("run pylab store load loadpy sql bigquery macro rerun recall R cython script".split())


def opened_by_magic(cell: CellFacts) -> bool:
    """Whether a magic of the cell may bind names that the text does not show."""
    return any(use.kind in ("line", "cell") and use.name in MAGICS for use in cell.lifted.magics)


def opens(one: Statement) -> bool:
    """Whether a statement may bind names that the text does not show: star imports, exec, globals()[...]."""
    if one.star_imports:
        return True
    if not OPENING & (one.use.reads.keys() | one.use.deferred.keys()):
        return False
    for node in walked(one.node):
        match node:
            case ast.Call(func=ast.Name(id="exec"), args=[_], keywords=[]):
                return True
            case ast.Call(func=ast.Name(id="exec"), args=[_, space, *_]) if is_namespace(space):
                return True
            case ast.Attribute(value=ast.Name(id="builtins" | "__main__"), ctx=ast.Store()):
                return True
            case ast.Assign(value=space) | ast.Subscript(value=space, ctx=ast.Store()) if is_namespace(space):
                return True
            case ast.Assign(value=module) if is_own_module(module):
                return True
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Call(func=ast.Name(id="globals" | "locals" | "vars")),
                    attr="update" | "setdefault" | "__setitem__",
                )
            ):
                return True
            case ast.Call(func=ast.Attribute(attr="ex" | "push" | "run_cell" | "run_line_magic" | "magic")):
                return True
            case ast.Call(func=ast.Name(id="setattr"), args=[first, *_]) if is_own_module(first):
                return True
            case _:
                pass
    return False


def is_namespace(node: ast.expr) -> bool:
    """Whether an expression is the dictionary of the notebook's names."""
    match node:
        case ast.Call(func=ast.Name(id="globals" | "locals" | "vars"), args=[]):
            return True
        case ast.Attribute(attr="user_ns"):
            return True
        case ast.Attribute(attr="__dict__", value=value):
            return is_own_module(value)
        case _:
            return False


def is_own_module(node: ast.expr) -> bool:
    """`sys.modules[__name__]`, `sys.modules['__main__']`, `__main__`."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="modules"), slice=key):
            return ast.unparse(key) in ("__name__", "'__main__'")
        case ast.Call(args=[key, *_]):
            return ast.unparse(key) in ("__name__", "'__main__'")
        case ast.Name(id="__main__"):
            return True
        case _:
            return False
