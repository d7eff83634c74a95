"""Facts -> Plan: the highest rung that keeps the meaning, cut into stages with sound interfaces."""

from dataclasses import replace

from nb2pipe.analysis import Facts
from nb2pipe.errors import RefusedError

from .ground import held, patched, roots_of, settled, title_of
from .model import NO_WISH, Plan, Wish
from .naming import package_name
from .one_process import one_process
from .rungs import rungs_of
from .staging import one_stage, staged
from .traced import traced


def plan(facts: Facts, wish: Wish = NO_WISH) -> Plan:
    """The stages, interfaces, parameters and definitions of the pipeline.

    Raises RefusedError with cell, line and reason where nothing that keeps the meaning can be written.
    """
    facts = _without(facts, wish.skip_cells)
    _refuse_what_does_not_parse(facts)
    ground = settled(facts, wish, rungs_of(facts, wish))
    is_whole = bool(ground.rungs.whole)
    stages = one_stage(ground) if is_whole else staged(replace(ground, traced=traced(facts)), wish)
    return Plan(
        package=wish.package or package_name(facts.notebook.name, roots_of(facts)),
        title=title_of(facts),
        stages=stages,
        parameters=ground.parameters,
        definitions=ground.definitions,
        imports=ground.imports,
        is_whole=is_whole,
        held=held(ground),
        one_process="" if is_whole else one_process(facts),
        kept_open=ground.kept_open,
        patched=patched(facts),
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


def _order_note(facts: Facts) -> tuple[str, ...]:
    numbers = [cell.number for cell in facts.cells]
    if numbers == sorted(numbers):
        return ()
    return (f"the cells run in the order {', '.join(map(str, numbers))}: {facts.why_order}",)
