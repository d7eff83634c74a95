"""A function or class is defined twice.

Which of the two a call uses depends on which cell ran last.
"""

import ast
from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB206",
    "redefines-function",
    Severity.INFO,
    message="`{variable}` is defined in cell {first} and again here",
    hint="give the second one another name, or remove the first",
)
GOOD = [cells("def f():\n    return 1", "def g():\n    return 2", "print(f(), g())")]
BAD = [
    (
        cells("def f():\n    return 1", "a = f()", "def f():\n    return 2", "print(a, f())"),
        ["3:1 `f` is defined in cell 1 and again here"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The second definitions."""
    known: dict[str, tuple[int, int, ast.AST]] = {}
    for cell in view.cells:
        for one in cell.statements:
            name = one.definition or _named_lambda(one.node)
            if not name or name == "_" or _is_registered(one.node):
                continue
            before = known.get(name)
            if before is not None and ast.dump(before[2]) != ast.dump(one.node):
                yield RULE.at(
                    Spot(cell.number, one.first), variable=name, related=[Spot(*before[:2])], first=before[0]
                )
            known[name] = (cell.number, one.first, one.node)


def _named_lambda(node: ast.stmt) -> str:
    """The name of a function that is defined as `f = lambda v: v`."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda()):
            return name
        case _:
            return ""


def _is_registered(node: ast.AST) -> bool:
    """Whether a decorator takes the new function up beside the old one: `@f.register`, `@overload`."""
    names = (ast.unparse(one) for one in getattr(node, "decorator_list", ()))
    return any(
        name.partition("(")[0].rpartition(".")[2] in ("register", "overload", "setter", "dispatch")
        for name in names
    )
