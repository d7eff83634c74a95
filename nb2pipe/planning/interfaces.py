"""What each stage takes, returns, carries and deletes, with types where they are sure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .cuts import exposure
from .effects import Effect
from .ground import Ground
from .model import StagePlan, Wish
from .traced import annotation, types_after

if TYPE_CHECKING:
    from nb2pipe.analysis import ImportedName


def interfaces(
    ground: Ground, runs: Sequence[range], stages: Sequence[StagePlan], wish: Wish
) -> tuple[StagePlan, ...]:
    """Inputs, outputs and parameters of each stage: a stage takes what it may look at and was bound before."""
    bodies = [[effect for i in run for effect in ground.effects[i]] for run in runs]
    exposures = [exposure(body) for body in bodies]
    before: list[set[str]] = [set()]
    for _, bound, _ in exposures:
        before.append(before[-1] | bound)
    unsure = _unsure(bodies, [kept for _, _, kept in exposures])
    kept_names = {*wish.keep, *ground.traced.fitted}
    live = _last_names(exposures[-1][1], bodies[-1]) | set(ground.kept_open)
    finished: list[StagePlan] = []
    for number in range(len(stages) - 1, -1, -1):
        stage, body, (exposed, bound, kept) = stages[number], bodies[number], exposures[number]
        sure = frozenset().union(*(effect.sure for effect in body))
        deletes = {n for effect in body for n in effect.deletes - effect.maybe_deletes} - bound
        inputs = _in_order((exposed | kept & live) & before[number], body)
        changed = _names_of(ground.traced.changes, stage) & set(inputs) - deletes
        results = kept_names & ((sure & bound) | changed)
        outputs = _in_order((bound | changed) & live | results, body)
        live = (live - (sure & bound) - deletes) | set(inputs)
        finished.append(
            replace(
                stage,
                inputs=tuple(inputs),
                perhaps=tuple(name for name in inputs if name in unsure[number] and name not in exposed),
                outputs=tuple(outputs),
                params=tuple(_in_order({n for effect in body for n in effect.params}, body)),
                deletes=tuple(sorted(deletes & set(inputs))),
                carries=tuple(sorted(_names_of(ground.traced.touches, stage))),
            )
        )
    return tuple(_annotated(ground, finished[::-1]))


def _unsure(bodies: Sequence[Sequence[Effect]], kept: Sequence[set[str]]) -> list[set[str]]:
    """For each run of statements, those of its `kept` names that are not bound on every path before it."""
    sure: set[str] = set()
    found = []
    for body, names in zip(bodies, kept, strict=True):
        found.append(names - sure)
        for effect in body:
            sure |= effect.sure
            sure -= effect.deletes
    return found


def _names_of(by_cell: Mapping[int, frozenset[str]], stage: StagePlan) -> frozenset[str]:
    return frozenset().union(*(by_cell.get(cell, frozenset()) for cell in stage.cells))


def _annotated(ground: Ground, stages: Sequence[StagePlan]) -> Iterator[StagePlan]:
    """The stages with the types of what they take and return, where those are sure."""
    types: dict[str, str] = {}
    known: dict[str, ImportedName] = {}
    cells = {cell.number: cell for cell in ground.cells}
    for stage in stages:
        names = {one.name for number in stage.cells for s in cells[number].statements for one in s.imports}
        known |= {name: ground.imports[name] for name in sorted(names & ground.imports.keys())}
        given = {name: annotation(types.get(name, ""), known) for name in stage.inputs}
        types = types_after(types, stage.cells, ground.traced)
        returned = [annotation(types.get(name, ""), known) for name in stage.outputs]
        returns = "None" if not returned else "" if "" in returned else ", ".join(returned)
        yield replace(
            stage,
            annotations={name: text for name, text in given.items() if text},
            returns=f"tuple[{returns}]" if returns and len(returned) > 1 else returns,
        )


def _last_names(bound: set[str], body: Sequence[Effect]) -> set[str]:
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
            if found := group & names:
                order.update(dict.fromkeys(sorted(found)))
    return [name for name in order if name in names] + sorted(names - order.keys())
