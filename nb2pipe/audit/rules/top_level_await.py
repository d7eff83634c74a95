"""`await` outside of a function works in IPython only.

A script needs an event loop around it.
"""

import ast
from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB804",
    "top-level-await",
    Severity.INFO,
    message="`await` stands outside of a function, which only IPython allows",
    hint="put it into an async function and run that with asyncio.run in a script",
)
GOOD = [cells("import asyncio\nasync def f():\n    await asyncio.sleep(0)")]
BAD = [
    (
        cells("import asyncio\nawait asyncio.sleep(0)"),
        ["1:2 `await` stands outside of a function, which only IPython allows"],
    )
]
AWAITING = (ast.Await, ast.AsyncFor, ast.AsyncWith)


def check(view: View) -> Iterator[Finding]:
    """The cells that await at top level."""
    for cell in view.cells:
        if cell.lifted.is_async:
            yield RULE.at(
                Spot(
                    cell.number,
                    min((line for one in cell.statements for line in _lines(one.node)), default=1),
                )
            )


def _lines(node: ast.AST) -> Iterator[int]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return
    if isinstance(node, AWAITING):
        yield node.lineno
    for child in ast.iter_child_nodes(node):
        yield from _lines(child)
