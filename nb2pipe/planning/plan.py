"""Facts -> Plan: the highest rung that keeps the meaning, cut into stages with sound interfaces."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nb2pipe.analysis import CellFacts, Facts, ImportedName
from nb2pipe.analysis.hazards import patch_of
from nb2pipe.errors import RefusedError
from nb2pipe.notebooks.walking import walked

from .cuts import Border, Span, closed_borders, crossing, exposure, segment, spans
from .definitions import bindings, hoistable
from .effects import Effect, effects
from .model import NO_WISH, Definition, Parameter, Plan, StageKind, StagePlan, Wish
from .naming import headings, identifier, package_name, role_of, stage_names
from .parameters import parameters
from .rungs import Rung, Rungs, builtins_until, coerced, early_imports, rungs_of
from .traced import NOT_TRACED, Traced, annotation, traced, types_after


@dataclass(frozen=True, slots=True)
class _Ground:
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

    def __post_init__(self) -> None:
        assert len(self.cells) == len(self.effects)


def plan(facts: Facts, wish: Wish = NO_WISH) -> Plan:
    """The stages, interfaces, parameters and definitions of the pipeline.

    Raises RefusedError with cell, line and reason where nothing that keeps the meaning can be written.
    """
    facts = _without(facts, wish.skip_cells)
    _refuse_what_does_not_parse(facts)
    ground = _settled(facts, wish, rungs_of(facts, wish))
    if ground.rungs.whole:
        stages = _one_stage(ground)
    else:
        stages = _staged(replace(ground, traced=traced(facts)), wish)
    return Plan(
        package=wish.package or package_name(facts.notebook.name, _roots(facts)),
        title=_title(facts),
        stages=stages,
        parameters=ground.parameters,
        definitions=ground.definitions,
        imports=ground.imports,
        is_whole=bool(ground.rungs.whole),
        held=_held(ground),
        patched=_patched(facts),
        notes=(
            *_order_note(facts),
            *dict.fromkeys(note for cell in facts.cells for note in cell.lifted.notes),
        ),
    )


def _without(facts: Facts, skipped: frozenset[int]) -> Facts:
    if not skipped:
        return facts
    cells = tuple(
        replace(cell, statements=(), is_skipped=True) if cell.number in skipped else cell
        for cell in facts.cells
    )
    return replace(
        facts, cells=cells, bound=frozenset(n for c in cells for s in c.statements for n in s.use.binds)
    )


def _refuse_what_does_not_parse(facts: Facts) -> None:
    for cell in facts.cells:
        fault = cell.lifted.fault
        if fault and not cell.is_skipped and not cell.lifted.cell.may_raise:
            raise RefusedError(
                f"{facts.notebook.path}: cell {cell.number}, line {fault.line} is not Python ({fault.message});"
                f" mend it, tag it `skip-execution`, or leave it out with --skip-cells {cell.number}"
            )


def _roots(facts: Facts) -> set[str]:
    return {one.root for statement in facts.statements for one in statement.imports} | facts.local_modules


# -- the ground ----------------------------------------------------------------------------------------------------------
def _settled(facts: Facts, wish: Wish, rungs: Rungs) -> _Ground:
    """The ground on which no cell asks another one for a coarser rung any more."""
    while True:
        ground = _ground(facts, wish, rungs)
        more = {} if rungs.whole else {**coerced(ground.spans, ground.cells, rungs), **_unmoved(ground)}
        if not more:
            return ground
        rungs = rungs.with_cells(more)


def _ground(facts: Facts, wish: Wish, rungs: Rungs) -> _Ground:
    staged = not rungs.whole
    uses = bindings(facts.statements, rungs.ipython)
    imports = early_imports(facts) if staged else {}
    found = parameters(facts, uses.counts, rungs.cells.keys()) if staged and wish.parameters else ()
    found = _readable(facts, found)
    definitions = hoistable(facts, uses, imports, rungs.ipython) if staged else ()
    all_effects = effects(facts, imports, definitions, found)
    cells = tuple(cell for cell in facts.cells if not cell.is_empty)
    by_cell: dict[int, list[Effect]] = {cell.number: [] for cell in cells}
    for effect in all_effects:
        by_cell[effect.cell].append(effect)
    position = {cell.number: number for number, cell in enumerate(cells)}
    return _Ground(
        facts=facts,
        cells=cells,
        imports=imports,
        definitions=definitions,
        parameters=found,
        effects=tuple(tuple(one) for one in by_cell.values()),
        rungs=rungs,
        spans=tuple(spans([effect for cell in by_cell.values() for effect in cell], position)),
        levels=_heading_levels(facts, position),
    )


def _held(ground: _Ground) -> tuple[str, ...]:
    """What functions of scripts read from the namespace when they are called, whichever stage calls them."""
    effects_of = [effect for cell in ground.effects for effect in cell if effect.cell in ground.rungs.cells]
    names = {name for effect in effects_of for name in effect.deferred | effect.later_imports}
    return tuple(sorted(names)) if not ground.rungs.whole else ()


def _patched(facts: Facts) -> tuple[str, ...]:
    """The attributes of modules that the notebook sets or deletes, as dotted names."""
    targets = {name: one.qualified for name, one in facts.imports().items()}
    stores = (
        node
        for one in facts.statements
        for node in walked(one.node)
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
    )
    return tuple(sorted({patch for node in stores if (patch := patch_of(node, targets))}))


def _readable(facts: Facts, found: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Constants that nothing reads before the notebook sets them."""
    waiting = {one.statement: one.name for one in found if one.statement is not None}
    early: set[str] = set()
    for statement in facts.statements if waiting else ():
        early.update(name for name in waiting.values() if name in statement.use.reads)
        waiting.pop((statement.cell, statement.place), None)
    return tuple(one for one in found if one.name not in early)


def _order_note(facts: Facts) -> tuple[str, ...]:
    numbers = [cell.number for cell in facts.cells]
    if numbers == sorted(numbers):
        return ()
    return (f"the cells run in the order {', '.join(map(str, numbers))}: {facts.why_order}",)


def _title(facts: Facts) -> str:
    for cell in facts.notebook.cells:
        if cell.kind == "markdown":
            for _, text in headings(cell.source):
                return text
        elif cell.kind == "code" and cell.source.strip():
            break
    return ""


# -- stages --------------------------------------------------------------------------------------------------------------
def _one_stage(ground: _Ground) -> tuple[StagePlan, ...]:
    if not ground.cells:
        return ()
    taken = ground.facts.bound | _roots(ground.facts)
    # IPython counts cells that hold nothing but a comment.
    kept = [one for one in ground.facts.cells if not one.is_skipped] if ground.rungs.session else ground.cells
    return (
        StagePlan(
            name=stage_names(["notebook_cells"], taken)[0],
            kind="script",
            cells=tuple(cell.number for cell in kept),
            ipython=bool(ground.rungs.session or ground.rungs.ipython),
            why_script=ground.rungs.whole,
            reason="the notebook begins",
            title=_title(ground.facts),
        ),
    )


def _staged(ground: _Ground, wish: Wish) -> tuple[StagePlan, ...]:
    if not ground.cells:
        return ()
    borders = _borders(ground, wish)
    weights = [_weight(one) for one in ground.effects]
    starts = _starts_of(ground, wish, borders) or segment(borders, weights)
    runs = [range(a, b) for a, b in zip(starts, [*starts[1:], len(ground.cells)], strict=True)]
    names = _names(ground, wish, runs)
    stages = [_stage(ground, run, name, borders[run[0]]) for run, name in zip(runs, names, strict=True)]
    return _interfaces(ground, runs, stages, wish)


def _weight(cell: Sequence[Effect]) -> float:
    """How much work a cell is: settings and bare calls that touch no variable are next to none."""
    code = [effect for effect in cell if effect.is_code]
    touches = any(effect.needs or effect.sure or effect.maybe for effect in code)
    return 1.0 if touches else 0.2 if code else 0.0


def _unmoved(ground: _Ground) -> dict[int, Rung]:
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


def _borders(ground: _Ground, wish: Wish) -> list[Border]:
    closed = closed_borders(ground.spans)
    alive = crossing(ground.effects)
    turning = {cell: f"`{name}` was a builtin so far" for name, cell in builtins_until(ground.facts).items()}
    borders, role = [], ""
    kinds = [_kind(ground, cell.number) for cell in ground.cells]
    for number, cell in enumerate(ground.cells):
        here = role_of(cell)
        changes = here if here and role and here != role else ""
        role = here or role
        is_other = number and kinds[number] != kinds[number - 1]
        forced = "another kind of stage begins" if is_other else turning.get(cell.number, "")
        why = closed.get(number, "") or ("fused by a proof" if cell.number in wish.fused else "")
        level, title = ground.levels.get(cell.number, (0, ""))
        borders.append(Border(alive[number], level, changes, why, title, forced))
    return borders


def _kind(ground: _Ground, cell: int) -> tuple[StageKind, bool]:
    """The kind of stage that a cell needs, and whether IPython must run it."""
    rung = ground.rungs.cells.get(cell)
    return ("script", rung.is_ipython) if rung else ("function", False)


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


def _starts_of(ground: _Ground, wish: Wish, borders: Sequence[Border]) -> list[int]:
    """The cuts that the user asked for, refused where one would change the meaning."""
    if wish.cuts is None:
        return []
    position = {cell.number: number for number, cell in enumerate(ground.cells)}
    forced = {number for number, border in enumerate(borders) if border.forced}
    starts = sorted({0, *forced, *(position[cell] for cell in wish.cuts if cell in position)})
    for start in starts[1:]:
        if borders[start].is_closed:
            cell = ground.cells[start].number
            raise RefusedError(
                f"the plan cuts before cell {cell}, but {borders[start].is_closed}; remove that cut"
            )
    return starts


def _names(ground: _Ground, wish: Wish, runs: Sequence[range]) -> list[str]:
    wanted = []
    for run in runs:
        first = ground.cells[run[0]].number
        wanted.append(wish.names.get(first) or identifier(_heading(ground, run)) or _role_name(ground, run))
    taken = ground.facts.bound | _roots(ground.facts) | {one.name for one in ground.parameters}
    return stage_names(wanted, taken | ground.imports.keys())


def _heading(ground: _Ground, run: range) -> str:
    """The first heading of a stage; the notebook's own title only where there is no other."""
    levels = ground.levels
    found = [levels[ground.cells[i].number][1] for i in run if ground.cells[i].number in levels]
    return next((one for one in found if one != _title(ground.facts)), found[0] if found else "")


def _role_name(ground: _Ground, run: range) -> str:
    """What the stage mainly does, and to which variable: `load_df`, `train_model`."""
    roles = [role for i in run if (role := role_of(ground.cells[i]))]
    role = max(set(roles), key=lambda one: (roles.count(one), -roles.index(one))) if roles else ""
    counts: dict[str, int] = {}
    for i in run:
        for effect in ground.effects[i]:
            for name in effect.sure | effect.reads if role in ("plot", "explore") else effect.sure:
                if len(name) > 1 and not name.startswith("_"):
                    counts[name] = counts.get(name, 0) + 1
    main = max(counts, key=lambda one: (counts[one], one)) if counts else ""
    magics = [f"{magic.name} {magic.argument}" for i in run for magic in ground.cells[i].lifted.magics]
    words = [role or ("make" if main else ""), main] if role or main else magics[:1]
    return identifier("_".join(word for word in words if word), limit=30)


def _stage(ground: _Ground, run: range, name: str, border: Border) -> StagePlan:
    cells = tuple(ground.cells[i].number for i in run)
    kind, ipython = _kind(ground, cells[0])
    return StagePlan(
        name=name,
        kind=kind,
        ipython=ipython,
        why_script=next((ground.rungs.cells[cell].why for cell in cells if cell in ground.rungs.cells), ""),
        cells=cells,
        reason=border.reason if run[0] else "the notebook begins",
        title=_heading(ground, run),
    )


def _interfaces(
    ground: _Ground, runs: Sequence[range], stages: Sequence[StagePlan], wish: Wish
) -> tuple[StagePlan, ...]:
    """Inputs, outputs and parameters of each stage: a stage takes what it may look at and was bound before."""
    bodies = [[effect for i in run for effect in ground.effects[i]] for run in runs]
    exposures = [exposure(body) for body in bodies]
    before: list[set[str]] = [set()]
    for _, bound, _ in exposures:
        before.append(before[-1] | bound)
    live = set(wish.keep) | _last_names(ground, exposures[-1][1], bodies[-1])
    finished: list[StagePlan] = []
    for number in range(len(stages) - 1, -1, -1):
        stage, body, (exposed, bound, kept) = stages[number], bodies[number], exposures[number]
        sure = frozenset().union(*(effect.sure for effect in body))
        deletes = {n for effect in body for n in effect.deletes - effect.maybe_deletes} - bound
        inputs = _in_order((exposed | kept & live) & before[number], body)
        changed = _names_of(ground.traced.changes, stage) & set(inputs) - deletes
        outputs = _in_order((bound | changed) & live, body)
        live = (live - (sure & bound) - deletes) | set(inputs)
        finished.append(
            replace(
                stage,
                inputs=tuple(inputs),
                outputs=tuple(outputs),
                params=tuple(_in_order({n for effect in body for n in effect.params}, body)),
                deletes=tuple(sorted(deletes & set(inputs))),
                carries=tuple(sorted(_names_of(ground.traced.touches, stage))),
            )
        )
    return tuple(_annotated(ground, finished[::-1]))


def _names_of(by_cell: Mapping[int, frozenset[str]], stage: StagePlan) -> frozenset[str]:
    return frozenset().union(*(by_cell.get(cell, frozenset()) for cell in stage.cells))


def _annotated(ground: _Ground, stages: Sequence[StagePlan]) -> Iterator[StagePlan]:
    """The stages with the types of what they take and return, where those are sure."""
    types: dict[str, str] = {}
    for stage in stages:
        given = {name: annotation(types.get(name, ""), ground.imports) for name in stage.inputs}
        types = types_after(types, stage.cells, ground.traced)
        returned = [annotation(types.get(name, ""), ground.imports) for name in stage.outputs]
        returns = "None" if not returned else "" if "" in returned else ", ".join(returned)
        yield replace(
            stage,
            annotations={name: text for name, text in given.items() if text},
            returns=f"tuple[{returns}]" if returns and len(returned) > 1 else returns,
        )


def _last_names(ground: _Ground, bound: set[str], body: Sequence[Effect]) -> set[str]:
    """What the last stage binds for sure is a result of the run."""
    sure = frozenset().union(*(effect.sure for effect in body)) & bound
    return {name for name in sure if not name.startswith("_")}


def _in_order(names: set[str] | frozenset[str], body: Sequence[Effect]) -> list[str]:
    """Names in the order in which the statements first mention them."""
    order: dict[str, None] = {}
    for effect in body:
        for group in (
            effect.reads,
            effect.deferred,
            effect.params,
            effect.sure | effect.maybe,
            effect.deletes,
        ):
            order.update(dict.fromkeys(sorted(group & names)))
    return [name for name in order if name in names] + sorted(names - order.keys())
