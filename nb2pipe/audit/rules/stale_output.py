"""The saved output is not what the source gives.

Readers trust a number that the code no longer makes. Only contradictions that the text proves are reported.
"""

import ast
from collections.abc import Iterator
from typing import Any

from nb2pipe.analysis import CellFacts
from nb2pipe.audit.constants import UnknownError, constants_of, printed_by, value_of
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells, once
from nb2pipe.audit.saved import has_code, outputs, printed, result

RULE = Rule(
    "NB208",
    "stale-output",
    Severity.WARNING,
    message="{what}",
    hint="run the cell again before saving",
)
GOOD = [cells("print(2)", out={1: "2\n"})]
BAD = [
    (cells("print(2)", out={1: "3\n"}), ["1:1 the saved output is '3', but the source prints '2'"]),
    (
        cells("rows = [1, 2]", "len(rows)", out={2: ("result", "3")}),
        ["2:1 the saved result is '3', but the source gives '2'"],
    ),
]
QUIET = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Pass)
SILENT = (
    ast.Constant,
    ast.Name,
    ast.BinOp,
    ast.operator,
    ast.expr_context,
    ast.UnaryOp,
    ast.unaryop,
    ast.List,
    ast.Tuple,
    ast.Dict,
)


def check(view: View) -> Iterator[Finding]:
    """The outputs that the text contradicts."""
    for cell in view.cells:
        if outputs(cell) and not cell.is_skipped and not cell.lifted.magics and cell.lifted.fault is None:
            what = _contradiction(view, cell)
            if what:
                yield RULE.at(Spot(cell.number), what=what)


def _contradiction(view: View, cell: CellFacts) -> str:
    text = printed(cell)
    if not has_code(cell):
        return "the cell has a saved output, but no code" if text else ""
    wanted = _printed_by_source(view, cell)
    known: dict[str, Any] = {}
    if wanted is None:
        known = {name: value for number, name, value in _constants(view) if number < cell.number}
        wanted = _printed_by_constants(cell, known)
    if wanted is not None and text.rstrip() != wanted.rstrip():
        return f"the saved output is {_short(text)}, but the source prints {_short(wanted)}"
    saved, made = result(cell), _result_of_source(view, cell)
    made = made if made is not None or saved is None else _constant_result(cell, known)
    if saved is not None and made is not None and saved != made:
        return f"the saved result is {_short(saved)}, but the source gives {_short(made)}"
    if (
        saved is not None
        and cell.statements
        and not isinstance(cell.statements[-1].node, ast.Expr)
        and not _is_interactive(view)
    ):
        return "the cell has a saved result, but the source ends without one"
    return ""


@once
def _constants(view: View) -> list[tuple[int, str, Any]]:
    return constants_of(view.facts, _changed(view))


@once
def _changed(view: View) -> frozenset[str]:
    return frozenset(name for change in view.trace.changes for name in change.names)


def _printed_by_constants(cell: CellFacts, known: dict[str, Any]) -> str | None:
    nodes = [one.node for one in cell.statements]
    shown = nodes and isinstance(nodes[-1], ast.Expr) and not isinstance(nodes[-1].value, ast.Call)
    try:
        return printed_by(nodes[:-1] if shown else nodes, known)
    except UnknownError:
        return None


def _constant_result(cell: CellFacts, known: dict[str, Any]) -> str | None:
    """The text of the last expression, where all before it and it are made of constants."""
    node = cell.statements[-1].node if cell.statements else None
    if not isinstance(node, ast.Expr) or cell.lifted.is_silent:
        return None
    try:
        printed_by([one.node for one in cell.statements[:-1]], known)
        value = value_of(node.value, known)
    except UnknownError:
        return None
    return repr(value) if len(repr(value)) < 70 else None


def _is_interactive(view: View) -> bool:
    return any("ast_node_interactivity" in cell.lifted.cell.source for cell in view.cells)


def _short(text: str) -> str:
    lines = text.strip().split("\n")
    return (
        repr(lines[0][:60] + (" ..." if len(lines) > 1 or len(lines[0]) > 60 else ""))
        if text.strip()
        else "empty"
    )


def _printed_by_source(view: View, cell: CellFacts) -> str | None:
    """What the cell prints, None where the text does not tell."""
    prints = [call for call in view.by_name.get("print", ()) if call.run.cell == cell.number]
    at = {
        (call.place.line, call.place.column): call
        for call in prints
        if call.place.cell == cell.number and not call.is_inside
    }
    lines: list[str] = []
    for one in cell.statements:
        node = one.node
        if isinstance(node, QUIET) and all(isinstance(leaf, (*SILENT, ast.stmt)) for leaf in ast.walk(node)):
            continue
        if not (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Name)
        ):
            return None
        call = at.get((node.value.lineno, node.value.col_offset + 1))
        if call is None or call.keywords or not all(_is_shown(argument.const) for argument in call.args):
            return None
        lines.append(" ".join(str(argument.const) for argument in call.args) + "\n")
    return "".join(lines)


def _is_shown(value: object) -> bool:
    return isinstance(value, (str, int, bool, type(None)))


def _result_of_source(view: View, cell: CellFacts) -> str | None:
    """The text of the last expression, where it is a constant or the name of one."""
    node = cell.statements[-1].node if cell.statements else None
    if not isinstance(node, ast.Expr) or cell.lifted.is_silent:
        return None
    if isinstance(node.value, ast.Constant):
        return repr(node.value.value)
    if isinstance(node.value, ast.Name):
        values = [one.thing.const for one in view.trace.bindings if one.name == node.value.id]
        values = [one for one in values if isinstance(one, (int, float, str))] if len(values) == 1 else []
        return repr(values[0]) if values and node.value.id not in _changed(view) else None
    return None
