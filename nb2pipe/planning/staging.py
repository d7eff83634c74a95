"""Where the stages begin, what they are called, and of which kind they are."""

from collections.abc import Sequence

from nb2pipe.errors import RefusedError

from .cuts import Border, bytes_alive, closed_borders, crossing, segment
from .edited import check_cells, check_kept
from .effects import Effect
from .ground import Ground, roots_of, title_of
from .interfaces import interfaces
from .model import StagePlan, Wish
from .naming import identifier, role_of, stage_names
from .rungs import builtins_until


def one_stage(ground: Ground) -> tuple[StagePlan, ...]:
    """The whole notebook as one script stage; none where it has no code."""
    if not ground.cells:
        return ()
    taken = ground.facts.bound | roots_of(ground.facts)
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
            title=title_of(ground.facts),
        ),
    )


def staged(ground: Ground, wish: Wish) -> tuple[StagePlan, ...]:
    """The notebook cut into stages with names and interfaces."""
    if not ground.cells:
        return ()
    check_cells(ground.cells, wish)
    check_kept(wish, ground.facts)
    borders = _borders(ground, wish)
    starts = _starts_of(ground, wish, borders) or segment(borders, [_weight(one) for one in ground.effects])
    runs = [range(a, b) for a, b in zip(starts, [*starts[1:], len(ground.cells)], strict=True)]
    names = _names(ground, wish, runs)
    stages = [_stage(ground, run, name, borders[run[0]]) for run, name in zip(runs, names, strict=True)]
    return interfaces(ground, runs, stages, wish)


def _weight(cell: Sequence[Effect]) -> float:
    """How much work a cell is: settings and bare calls that touch no variable are next to none."""
    code = [effect for effect in cell if effect.is_code]
    touches = any(effect.needs or effect.sure or effect.maybe for effect in code)
    return 1.0 if touches else 0.2 if code else 0.0


def _borders(ground: Ground, wish: Wish) -> list[Border]:
    closed = closed_borders(ground.spans)
    alive = crossing(ground.effects)
    before = [wish.sizes.get(cell.number, {}) for cell in ground.cells]
    heavy = bytes_alive(ground.effects, before) if wish.sizes else [0] * len(alive)
    turning = {cell: f"`{name}` was a builtin so far" for name, cell in builtins_until(ground.facts).items()}
    borders, role = [], ""
    kinds = [ground.kind(cell.number) for cell in ground.cells]
    for number, cell in enumerate(ground.cells):
        here = role_of(cell)
        changes = here if here and role and here != role else ""
        role = here or role
        is_other = number and kinds[number] != kinds[number - 1]
        forced = "another kind of stage begins" if is_other else turning.get(cell.number, "")
        why = closed.get(number, "") or ("fused by a proof" if cell.number in wish.fused else "")
        level, title = ground.levels.get(cell.number, (0, ""))
        borders.append(Border(alive[number], level, changes, why, title, forced, heavy[number]))
    return borders


def _starts_of(ground: Ground, wish: Wish, borders: Sequence[Border]) -> list[int]:
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


def _names(ground: Ground, wish: Wish, runs: Sequence[range]) -> list[str]:
    wanted = []
    for run in runs:
        first = ground.cells[run[0]].number
        wanted.append(wish.names.get(first) or identifier(_heading(ground, run)) or _role_name(ground, run))
    taken = ground.facts.bound | roots_of(ground.facts) | {one.name for one in ground.parameters}
    return stage_names(wanted, taken | ground.imports.keys())


def _heading(ground: Ground, run: range) -> str:
    """The first heading of a stage; the notebook's own title only where there is no other."""
    levels = ground.levels
    found = [levels[ground.cells[i].number][1] for i in run if ground.cells[i].number in levels]
    return next((one for one in found if one != title_of(ground.facts)), found[0] if found else "")


def _role_name(ground: Ground, run: range) -> str:
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


def _stage(ground: Ground, run: range, name: str, border: Border) -> StagePlan:
    cells = tuple(ground.cells[i].number for i in run)
    kind, ipython = ground.kind(cells[0])
    return StagePlan(
        name=name,
        kind=kind,
        ipython=ipython,
        why_script=next((ground.rungs.cells[cell].why for cell in cells if cell in ground.rungs.cells), ""),
        cells=cells,
        reason=border.reason if run[0] else "the notebook begins",
        title=_heading(ground, run),
    )
