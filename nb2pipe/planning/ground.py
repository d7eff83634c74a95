"""What is settled before any cut is made: rungs, hoisted definitions, parameters, and the effects of all statements."""

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nb2pipe.analysis import CellFacts, Facts, ImportedName
from nb2pipe.analysis.hazards import patch_of
from nb2pipe.notebooks.walking import walked

from .cuts import Span, spans
from .definitions import bindings, hoistable
from .edited import chosen
from .effects import Effect, effects
from .kept_open import kept_open
from .lifetimes import last_calls
from .model import Definition, Parameter, StageKind, Wish
from .naming import headings
from .parameters import parameters
from .rungs import Rung, Rungs, coerced, early_imports
from .traced import NOT_TRACED, Traced


@dataclass(frozen=True, slots=True)
class Ground:
    """What is settled before any cut is made."""

    facts: Facts
    cells: tuple[CellFacts, ...]  # those that hold something
    imports: Mapping[str, ImportedName]
    definitions: tuple[Definition, ...]
    parameters: tuple[Parameter, ...]
    effects: tuple[tuple[Effect, ...], ...]  # by cell, as `cells`
    rungs: Rungs
    spans: tuple[Span, ...]  # cells that stay together
    levels: Mapping[int, tuple[int, str]]  # the heading before each cell
    traced: Traced = NOT_TRACED
    kept_open: tuple[str, ...] = ()  # variables that hold what acts when it is dropped

    def __post_init__(self) -> None:
        assert len(self.cells) == len(self.effects)

    def kind(self, cell: int) -> tuple[StageKind, bool]:
        """The kind of stage that a cell needs, and whether IPython must run it."""
        rung = self.rungs.cells.get(cell)
        return ("script", rung.is_ipython) if rung else ("function", False)


def settled(facts: Facts, wish: Wish, rungs: Rungs) -> Ground:
    """The ground on which no cell asks another one for a coarser rung any more."""
    while True:
        ground = _ground(facts, wish, rungs)
        more = {} if rungs.whole else {**coerced(ground.spans, ground.cells, rungs), **_unmoved(ground)}
        if not more:
            return ground
        rungs = rungs.with_cells(more)


def _ground(facts: Facts, wish: Wish, rungs: Rungs) -> Ground:
    staged = not rungs.whole
    uses = bindings(facts.statements, rungs.ipython)
    imports = early_imports(facts) if staged else {}
    found = parameters(facts, uses.counts, rungs.cells.keys()) if staged and wish.parameters else ()
    found = chosen(_readable(facts, found), wish, facts) if staged else ()
    definitions = hoistable(facts, uses, imports, rungs.ipython) if staged else ()
    all_effects = effects(facts, imports, definitions, found)
    cells = tuple(cell for cell in facts.cells if not cell.is_empty)
    by_cell: dict[int, list[Effect]] = {cell.number: [] for cell in cells}
    for effect in all_effects:
        by_cell[effect.cell].append(effect)
    position = {cell.number: number for number, cell in enumerate(cells)}
    return Ground(
        facts=facts,
        cells=cells,
        imports=imports,
        definitions=definitions,
        parameters=found,
        effects=tuple(tuple(one) for one in by_cell.values()),
        rungs=rungs,
        spans=tuple(spans(all_effects, position, last_calls(facts.statements, uses))),
        levels=_heading_levels(facts, position),
        kept_open=tuple(sorted(kept_open(facts))) if staged else (),
    )


def _readable(facts: Facts, found: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Constants that nothing reads before the notebook sets them."""
    waiting = {one.statement: one.name for one in found if one.statement is not None}
    early: set[str] = set()
    for statement in facts.statements if waiting else ():
        early.update(name for name in waiting.values() if name in statement.use.reads)
        waiting.pop((statement.cell, statement.place), None)
    return tuple(one for one in found if one.name not in early)


def _unmoved(ground: Ground) -> dict[int, Rung]:
    """Cells whose definitions could not be hoisted, and would not be what they are inside a function.

    The instances of a class would neither print nor pickle as in a notebook; `locals()` would show more.
    """
    hoisted = {one.place for one in ground.definitions}
    local = {one.place for one in ground.definitions if not one.passes}
    found: dict[int, Rung] = {}
    for one in ground.facts.statements:
        place, name = (one.cell, one.place), one.definition
        if isinstance(one.node, ast.ClassDef) and place not in hoisted:
            found[one.cell] = Rung(
                f"cell {one.cell}: class {name} holds state, or reads variables of the notebook"
            )
        elif any(hazard.reach == "definition" for hazard in one.hazards) and place not in local:
            found[one.cell] = Rung(f"cell {one.cell}: {name}() looks at its own variables by name")
    return {cell: rung for cell, rung in found.items() if cell not in ground.rungs.cells}


def _heading_levels(facts: Facts, holding: Collection[int]) -> dict[int, tuple[int, str]]:
    """The heading before each code cell, as (level, text): the last one of those that stand there."""
    found: dict[int, tuple[int, str]] = {}
    waiting: tuple[int, str] | None = None
    for cell in facts.notebook.cells:
        if cell.kind == "markdown":
            here = headings(cell.source)
            waiting = here[-1] if here else waiting
        elif cell.kind == "code" and cell.number in holding:
            if cell.title and waiting is None:
                waiting = (2, cell.title)
            if waiting is not None:
                found[cell.number] = waiting
            waiting = None
    return found


def title_of(facts: Facts) -> str:
    """The notebook's own title: a heading before all code, else ""."""
    for cell in facts.notebook.cells:
        if cell.kind == "markdown":
            for _, text in headings(cell.source):
                return text
        elif cell.kind == "code" and cell.source.strip():
            break
    return ""


def roots_of(facts: Facts) -> set[str]:
    """The top-level modules that the notebook imports, or could import from beside itself."""
    return {one.root for statement in facts.statements for one in statement.imports} | facts.local_modules


def held(ground: Ground) -> tuple[str, ...]:
    """What functions of scripts read from the namespace when they are called, whichever stage calls them."""
    effects_of = [effect for cell in ground.effects for effect in cell if effect.cell in ground.rungs.cells]
    names = {name for effect in effects_of for name in effect.deferred | effect.later_imports}
    return tuple(sorted(names)) if not ground.rungs.whole else ()


def patched(facts: Facts) -> tuple[str, ...]:
    """The attributes of modules that the notebook sets or deletes, as dotted names."""
    targets = {name: one.qualified for name, one in facts.imports.items()}
    stores = (
        node
        for one in facts.statements
        for node in walked(one.node)
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
    )
    return tuple(sorted({patch for node in stores if (patch := patch_of(node, targets))}))
