"""A password or key stands in the notebook.

Whoever gets the file gets the access, and it stays in the version history.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from nb2pipe.analysis.names_in_text import called
from nb2pipe.audit.constants import assigned
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.audit.secrets import is_secret_value, settings_in, shapes_in

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
    first: dict[int, tuple[int, int, str]] = {}
    for cell, line, column, what in (*_shapes(view), *_values(view)):
        spot = (line, column, what)
        first[cell] = min(first.get(cell, spot), spot)
    for cell, (line, column, what) in first.items():
        yield RULE.at(Spot(cell, line, column), what=what)


Found = tuple[int, int, int, str]


def _shapes(view: View) -> Iterator[Found]:
    for cell in view.cells:
        source = cell.lifted.cell.source
        for offset, what in shapes_in(source):
            yield cell.number, source.count("\n", 0, offset) + 1, offset - source.rfind("\n", 0, offset), what
        for use in cell.lifted.magics:
            if use.name in ("env", "set_env") or use.kind in ("shell", "shell-assign"):
                for _, what in settings_in(use.argument):
                    yield cell.number, use.line, 1, what


def _values(view: View) -> Iterator[Found]:
    for kind, tell in TELLERS.items():
        for cell, node in view.nodes_of(kind):
            for name, value in tell(node):
                if is_secret_value(name, value.value):
                    yield cell, value.lineno, value.col_offset + 1, f"a value of `{name}`"


def _assigned(node: ast.Assign) -> Iterator[tuple[str, ast.Constant]]:
    yield from ((name, one) for name, one in assigned(node) if isinstance(one, ast.Constant))
    if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                yield str(target.slice.value), node.value
            else:
                yield getattr(target, "id", getattr(target, "attr", "")), node.value


def _annotated(node: ast.AnnAssign) -> Iterator[tuple[str, ast.Constant]]:
    if isinstance(node.value, ast.Constant) and isinstance(node.target, ast.Name):
        yield node.target.id, node.value


def _defaults(node: ast.arguments) -> Iterator[tuple[str, ast.Constant]]:
    every = [*node.posonlyargs, *node.args]
    pairs = [*zip(reversed(every), reversed(node.defaults), strict=False)]
    pairs += [(name, one) for name, one in zip(node.kwonlyargs, node.kw_defaults, strict=True) if one]
    yield from ((name.arg, one) for name, one in pairs if isinstance(one, ast.Constant))


def _logged_in(node: ast.Call) -> Iterator[tuple[str, ast.Constant]]:
    """`wandb.login("...")`, `Handler(key="...")`: they are given keys without a telling name."""
    name = called(node)
    if name in LOGGING_IN:
        given = [*node.args, *(one.value for one in node.keywords if one.arg in ("key", "value", "relogin"))]
        yield from (("api_key", one) for one in given if isinstance(one, ast.Constant))
        if name == "login":
            yield from (("password", one) for one in node.args[1:2] if isinstance(one, ast.Constant))


def _given(node: ast.keyword) -> Iterator[tuple[str, ast.Constant]]:
    if isinstance(node.value, ast.Constant) and node.arg:
        yield node.arg, node.value
    elif node.arg in ("auth", "http_auth", "basic_auth") and isinstance(node.value, ast.Tuple):
        yield from (("password", one) for one in node.value.elts[1:2] if isinstance(one, ast.Constant))


def _keyed(node: ast.Dict) -> Iterator[tuple[str, ast.Constant]]:
    for key, one in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and isinstance(one, ast.Constant):
            yield key.value, one


LOGGING_IN = frozenset(
    "login authenticate OAuthHandler OAuth1UserHandler OAuth1 set_access_token set_api_key set_token set_auth_token"
    " HTTPBasicAuth set_credentials".split()
)
# Where a text gets a name: by assignment, as an argument, under a key.
TELLERS: dict[type[ast.AST], Callable[[Any], Iterator[tuple[str, ast.Constant]]]] = {
    ast.Assign: _assigned,
    ast.AnnAssign: _annotated,
    ast.keyword: _given,
    ast.Dict: _keyed,
    ast.arguments: _defaults,
    ast.Call: _logged_in,
}
