"""What a notebook keeps open: it lives until the kernel ends, and acts when it goes.

A file that was written to and not closed is not on disk before it is dropped; a temporary folder goes with its
object. So a stage may not drop them at its end, though no later stage names them.
"""

import ast
from collections.abc import Iterator, Mapping

from nb2pipe.analysis import CellFacts, Facts, ImportedName, Statement
from nb2pipe.analysis.catalogue import Given, catalogue
from nb2pipe.notebooks.walking import walked

from .timeless import dotted, qualified

_ENDS = frozenset(("close", "cleanup"))


def kept_open(facts: Facts) -> frozenset[str]:
    """The variables that hold such a thing when their cell ends."""
    imports = facts.imports
    makers = frozenset(_makers(facts, imports))
    return frozenset(name for cell in facts.cells for name in _kept(cell, imports, makers))


def _makers(facts: Facts, imports: Mapping[str, ImportedName]) -> Iterator[str]:
    """Functions and classes of the notebook that open something and do not close it."""
    for statement in facts.statements:
        if statement.definition:
            calls = [node for node in walked(statement.node) if isinstance(node, ast.Call)]
            inside = {id(one.context_expr) for one in walked(statement.node) if isinstance(one, ast.withitem)}
            if any(dotted(call).rpartition(".")[2] in _ENDS for call in calls):
                continue
            if any(id(call) not in inside and _acts_when_dropped(call, imports) for call in calls):
                yield statement.definition


def _kept(cell: CellFacts, imports: Mapping[str, ImportedName], makers: frozenset[str]) -> Iterator[str]:
    for statement in cell.statements:
        if statement.definition or not statement.use.binds:
            continue
        calls = _bound_calls(statement)
        if any(dotted(call) in makers or _acts_when_dropped(call, imports) for call in calls):
            yield from statement.use.binds.keys() - set(_ended(cell))


def _bound_calls(statement: Statement) -> Iterator[ast.Call]:
    """The calls whose values the statement may bind; `with open(...) as f` closes what it opens."""
    for node in walked(statement.node):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            yield from (leaf for leaf in walked(node.value) if isinstance(leaf, ast.Call))


def _ended(cell: CellFacts) -> Iterator[str]:
    for statement in cell.statements:
        for node in walked(statement.node):
            if isinstance(node, ast.Attribute) and node.attr in _ENDS and isinstance(node.value, ast.Name):
                yield node.value.id


def _acts_when_dropped(call: ast.Call, imports: Mapping[str, ImportedName]) -> bool:
    known = qualified(dotted(call.func), imports)
    full = known or dotted(call.func)
    if isinstance(call.func, ast.Attribute) and call.func.attr == "open" and not known:
        full = "pathlib.Path.open"
    if not full:
        return False
    know, given = catalogue(), _given(call)
    if not know.why_unpicklable(full, given).startswith("an open "):
        return False
    roles = {use.role for use in know.file_uses(full, given)}
    return not roles or not roles.isdisjoint(("writes", "appends"))


def _given(call: ast.Call) -> Given:
    given: dict[int | str, object] = {
        place: one.value if isinstance(one, ast.Constant) else ... for place, one in enumerate(call.args)
    }
    for keyword in call.keywords:
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else ...
        given[keyword.arg or "**"] = value
    return given
