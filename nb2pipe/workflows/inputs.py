"""Other inputs for both sides of a proof: fewer rows, or another value of a parameter."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nb2pipe import analysis, planning
from nb2pipe.errors import InputError
from nb2pipe.execution import Controls
from nb2pipe.notebooks import Lifted
from nb2pipe.planning import Parameter

from .convert import read_facts

if TYPE_CHECKING:
    from .proving import ProofWish

Place = tuple[int, int, int, int, int]  # cell, line, column, last line, last column


@dataclass(frozen=True, slots=True)
class Inputs:
    """What one table of a proof was made with."""

    label: str
    cells: tuple[Lifted, ...]
    controls: Controls
    settings: tuple[str, ...] = ()  # "NAME=VALUE", for the pipeline


def every_input(notebook: Path, cells: tuple[Lifted, ...], wish: "ProofWish") -> list[Inputs]:
    """As they are; then, where asked for, a share of the rows, and the settings, all at once."""
    controls = wish.controls
    found = [Inputs("as they are", cells, controls)]
    if wish.rows is not None:
        found.append(Inputs(f"{wish.rows:.0%} of the rows", cells, replace(controls, rows=wish.rows)))
    if wish.settings:
        changed = _with_settings(cells, read_facts(notebook), wish.settings)
        found.append(Inputs(", ".join(wish.settings), changed, controls, wish.settings))
    return found


def _with_settings(
    cells: tuple[Lifted, ...], facts: analysis.Facts, settings: Sequence[str]
) -> tuple[Lifted, ...]:
    """The cells with the literals of these parameters replaced."""
    known = {one.name: one for one in planning.plan(facts).parameters}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or name not in known:
            names = ", ".join(known) or "none"
            raise InputError(f"--set {setting}: there is no parameter {name!r}; the notebook has {names}")
        value = repr(_typed(text, known[name]))
        for place in sorted(_places(known[name], facts), reverse=True):
            cells = tuple(
                _replaced(one, place, value) if one.cell.number == place[0] else one for one in cells
            )
    return cells


def _typed(text: str, parameter: Parameter) -> object:
    """The value as the notebook's own is typed."""
    if isinstance(parameter.value, str):
        return text
    try:
        value = ast.literal_eval({"true": "True", "false": "False"}.get(text.lower(), text))
    except (ValueError, SyntaxError):
        value = text
    wanted = type(parameter.value)
    is_right = value is None or type(value) is wanted or (wanted is float and type(value) is int)
    if not is_right:
        raise InputError(f"--set {parameter.name}={text}: the notebook's value is {parameter.value!r}")
    return float(value) if wanted is float and type(value) is int else value


def _places(parameter: Parameter, facts: analysis.Facts) -> list[Place]:
    if parameter.statement is None:
        return list(parameter.literals)
    node = next(one.node for one in facts.statements if (one.cell, one.place) == parameter.statement)
    assert isinstance(node, ast.Assign)
    value = node.value
    assert value.end_lineno is not None
    assert value.end_col_offset is not None
    return [(parameter.statement[0], value.lineno, value.col_offset, value.end_lineno, value.end_col_offset)]


def _replaced(lifted: Lifted, place: Place, value: str) -> Lifted:
    """Columns count bytes of the lifted text; these lines are the same in the source."""
    _, line, column, last, end = place
    lines = lifted.cell.source.split("\n")
    head = lines[line - 1].encode()[:column].decode()
    tail = lines[last - 1].encode()[end:].decode()
    source = "\n".join([*lines[: line - 1], f"{head}{value}{tail}", *lines[last:]])
    return replace(lifted, cell=replace(lifted.cell, source=source))
