"""A password or key stands in the notebook.

Whoever gets the file gets the access, and it stays in the version history.
"""

import ast
from collections.abc import Iterator

from nb2pipe.analysis import CellFacts
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.audit.secrets import is_secret_value, shapes_in

RULE = Rule(
    "NB901",
    "secret-in-source",
    Severity.ERROR,
    message="{what} stands in this cell",
    hint="withdraw it, and read a new one from the environment or a secret store",
)
GOOD = [cells("import os\nkey = os.environ['KEY']"), cells("password = 'YOUR_PASSWORD_HERE'")]
BAD = [(cells("key = 'AKIA" + "FAKE" * 4 + "'"), ["1:1 an AWS access key stands in this cell"])]


def check(view: View) -> Iterator[Finding]:
    """The first secret of each cell."""
    for cell in view.cells:
        found = min(_secrets(cell), default=None)
        if found is not None:
            yield RULE.at(Spot(cell.number, *found[:2]), what=found[2])


def _secrets(cell: CellFacts) -> Iterator[tuple[int, int, str]]:
    source = cell.lifted.cell.source
    for offset, what in shapes_in(source):
        before = source[:offset]
        yield before.count("\n") + 1, offset - before.rfind("\n"), what
    for one in cell.statements:
        for node in ast.walk(one.node):
            for name, value in _named_texts(node):
                if is_secret_value(name, value.value):
                    yield value.lineno, value.col_offset + 1, f"a value of `{name}`"


def _named_texts(node: ast.AST) -> Iterator[tuple[str, ast.Constant]]:
    """Texts that get a name: by assignment, as an argument, under a key."""
    match node:
        case ast.Assign(value=ast.Constant() as value):
            for target in node.targets:
                name = getattr(target, "id", getattr(target, "attr", ""))
                if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                    name = str(target.slice.value)
                yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant() as value):
            yield name, value
        case ast.keyword(arg=str(name), value=ast.Constant() as value):
            yield name, value
        case ast.Dict():
            for key, one in zip(node.keys, node.values, strict=True):
                if (
                    isinstance(key, ast.Constant)
                    and isinstance(key.value, str)
                    and isinstance(one, ast.Constant)
                ):
                    yield key.value, one
        case _:
            pass
