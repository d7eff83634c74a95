"""What an edited plan.toml asks for, held against what the notebook allows."""

import builtins
import keyword
from collections.abc import Iterable, Sequence
from dataclasses import replace

from nb2pipe.analysis import CellFacts, Facts
from nb2pipe.errors import RefusedError

from .model import Parameter, Wish


def place_of(parameter: Parameter) -> str:
    """Where a parameter's literal stands, as plan.toml names it."""
    if parameter.statement is not None:
        return f"cell {parameter.statement[0]}, statement {parameter.statement[1] + 1}"
    cell, line, column, *_ = parameter.literals[0]
    return f"cell {cell}, line {line}, column {column + 1}"


def chosen(found: tuple[Parameter, ...], wish: Wish, facts: Facts) -> tuple[Parameter, ...]:
    """The parameters that the plan keeps, under the names that it gives them.

    RefusedError where it names a place without a parameter, or gives a name that means something else.
    """
    if wish.parameter_names is None:
        return found
    names = dict(wish.parameter_names)
    kept = [_renamed(one, names.pop(place_of(one)), facts, found) for one in found if place_of(one) in names]
    for place, name in names.items():
        raise RefusedError(f"the plan has a parameter {name} at {place}, but nothing there can be one")
    return tuple(kept)


def _renamed(parameter: Parameter, name: str, facts: Facts, found: Iterable[Parameter]) -> Parameter:
    if name == parameter.name:
        return parameter
    if parameter.is_constant:
        raise RefusedError(
            f"the plan calls the parameter {parameter.name} {name}, but it is a variable of the notebook:"
            " rename it there, or leave the name"
        )
    taken = facts.bound | {one.name for one in found} | vars(builtins).keys() | set(keyword.kwlist)
    if name in taken:
        raise RefusedError(
            f"the plan calls a parameter {name}, which has a meaning already; choose another name"
        )
    return replace(parameter, name=name)


def check_cells(cells: Sequence[CellFacts], wish: Wish) -> None:
    """RefusedError where the plan's stages leave a cell out, or change the order in which cells run."""
    listed = [number for number in wish.cells if any(cell.number == number for cell in cells)]
    for asked, cell in zip(listed, cells, strict=False):
        if asked != cell.number:
            raise RefusedError(
                f"the plan has cell {asked} where cell {cell.number} runs; keep the cells of all stages in the"
                " order of the proposed plan, none left out (--skip-cells leaves cells out)"
            )
    if wish.cells and len(listed) < len(cells):
        raise RefusedError(
            f"the plan leaves out cell {cells[len(listed)].number}; put it into a stage, or leave it out with"
            f" --skip-cells {cells[len(listed)].number}"
        )


def check_kept(wish: Wish, facts: Facts) -> None:
    """RefusedError where the plan keeps what the notebook never binds."""
    for name in wish.keep:
        if name not in facts.bound:
            raise RefusedError(
                f"the plan keeps {name}, which the notebook never binds; remove it from `keep`"
            )
