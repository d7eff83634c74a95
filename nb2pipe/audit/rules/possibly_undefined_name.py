"""A name is bound only on a branch, or in a loop that may not run.

With another input, or on another machine, the branch is not taken and the next cell stops with NameError.
"""

import ast
from collections.abc import Iterator

from nb2pipe.analysis import Statement
from nb2pipe.analysis.guards import is_guarded
from nb2pipe.analysis.tracing import Thing, ancestors
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.notebooks.walking import walked

RULE = Rule(
    "NB105",
    "possibly-undefined-name",
    Severity.WARNING,
    message="`{variable}` is read here, but cell {writer} binds it only under a condition",
    hint="give `{variable}` a value before the condition, or in every branch",
)
GOOD = [cells("import sys\nx = 0\nif len(sys.argv) > 9:\n    x = 1", "print(x)")]
BAD = [
    (
        cells("import sys\nif len(sys.argv) > 9:\n    x = 1", "print(x)"),
        ["2:1 `x` is read here, but cell 1 binds it only under a condition"],
    )
]
READ = frozenset(
    "open listdir glob iglob rglob iterdir scandir walk readlines fetchall reader DictReader".split()
)


def check(view: View) -> Iterator[Finding]:
    """The reads of names that only a branch binds."""
    for one in view.names.get(RULE.name, ()):
        makers = [
            statement
            for cell in view.cells[: one.cell]
            for statement in cell.statements
            if one.name in statement.use.binds and (statement.cell, statement.first) < (one.cell, one.spot[0])
        ]
        if makers and (
            _is_conditional(makers[-1], one.name) or _loops_over_what_is_read(view, makers[-1], one.name)
        ):
            spot = Spot(one.cell, one.spot[0], one.spot[1] + 1)
            maker = makers[-1]
            yield RULE.at(spot, variable=one.name, related=[Spot(maker.cell, maker.first)], writer=maker.cell)


def _is_conditional(statement: Statement, name: str) -> bool:
    """Whether a condition decides, not only the length of a loop."""
    spot = statement.use.spots.get(name)
    if spot is None or name not in statement.use.looped:
        return not isinstance(statement.node, (ast.For, ast.While, ast.AsyncFor))
    loops = [node for node in walked(statement.node) if isinstance(node, (ast.For, ast.While))]
    if any(isinstance(loop, ast.While) and not isinstance(loop.test, ast.Constant) for loop in loops):
        return True
    return any(
        is_guarded(inner, spot)
        for loop in loops
        for inner in loop.body
        if isinstance(inner, (ast.If, ast.Try))
    )


def _loops_over_what_is_read(view: View, statement: Statement, name: str) -> bool:
    """Whether the loop that binds the name goes over lines, rows or names of files, of which there may be none."""
    spot = statement.use.spots.get(name)
    if spot is None or name not in statement.use.looped:
        return False
    loops = [
        node
        for node in walked(statement.node)
        if isinstance(node, (ast.For, ast.AsyncFor))
        and node.lineno <= spot[0] <= (node.end_lineno or node.lineno)
    ]
    targets = {
        (leaf.lineno, leaf.col_offset + 1)
        for loop in loops
        for leaf in ast.walk(loop.target)
        if isinstance(leaf, ast.Name)
    }
    bound = [
        one for one in view.trace.bindings if one.place.cell == statement.cell and one.place[1:] in targets
    ]
    return any(_comes_from_files(one.thing) for one in bound)


def _comes_from_files(element: Thing) -> bool:
    row = list(ancestors(element, 12))
    return any(
        one.type == "io.IOBase" or one.origin.rpartition(".")[2] in READ or one.const == [] for one in row[1:]
    )
