"""The run ends at this cell.

Cells after it never run, and a pipeline reports a failure or, worse, success.
"""

import ast
from collections.abc import Iterator

from nb2pipe.analysis.tracing import Call
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells, where

RULE = Rule(
    "NB807",
    "exits-kernel",
    Severity.WARNING,
    message="`{what}` ends the run here: cells after it do not run",
    hint="raise an error that says what is wrong, or put the cells after it under a condition",
)
GOOD = [cells("print(1)")]
BAD = [
    (
        cells("import sys\nsys.exit(0)", "print(1)"),
        ["1:2 `sys.exit` ends the run here: cells after it do not run"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The exits at top level."""
    for call in view.calls:
        is_certain = not call.is_inside or not call.is_guarded
        if is_certain and _ends(view, call):
            yield RULE.at(where(call), what=call.name.removeprefix("."))
    for cell in view.cells:
        for one in cell.statements if "SystemExit" in cell.lifted.python else ():
            for node in _top_level(one.node):
                if (
                    isinstance(node, ast.Raise)
                    and node.exc is not None
                    and ast.unparse(node.exc).startswith("SystemExit")
                ):
                    yield RULE.at(Spot(cell.number, node.lineno), what="raise SystemExit")


def _ends(view: View, call: Call) -> bool:
    """`sys.exit()`, `os.kill(os.getpid(), 9)`, `kernel.do_shutdown(True)`."""
    first = call.argument(0, "pid")
    is_own = call.name == "os.kill" and first is not None and first.origin == "os.getpid"
    return is_own or view.know.exits(call.name) or call.method == "do_shutdown"


def _top_level(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from _top_level(child)
