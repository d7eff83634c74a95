"""The next coarser form of a plan, at the first place where the pipeline is not the notebook."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from nb2pipe.execution import Joined

from .model import ABSENT, Difference, Repair, StageCells, Verdict

_ROUNDS = 3  # of repairs at single stages, each of which costs a proof
_CROSSING = frozenset({"isolated", "jobs", "cache"})


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a plan must keep to, found by proofs so far."""

    script_cells: frozenset[int] = frozenset()  # cells that run as a script
    fuse: frozenset[int] = frozenset()  # first cells of stages before which no cut may fall
    whole: str = ""  # why the whole notebook must be one script stage
    session: str = ""  # why that script must run in an IPython session
    repairs: tuple[Repair, ...] = ()

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing coarser is left."""
        return bool(self.session)


def repair(
    stages: tuple[StageCells, ...], verdict: Verdict, so_far: Constraints = Constraints()
) -> Constraints:
    """What to convert with next; `is_exhausted` of the constraints that went in says when to stop.

    A function stage that differs becomes a script stage; a script stage that differs, or a stage that hides a change,
    is fused with the one before it; after three rounds, or where no stage is to blame, the whole notebook becomes one
    script stage, at last one session.
    """
    blamed = _blamed(verdict)
    if blamed is None and len(so_far.repairs) < _ROUNDS and (hidden := _hidden(stages, verdict, so_far)):
        return hidden
    because = _because(blamed)
    place = next(
        (n for n, stage in enumerate(stages) if blamed is not None and stage.name == blamed.stage), None
    )
    if place is None or len(stages) == 1 or len(so_far.repairs) >= _ROUNDS:
        return _whole(stages, because, so_far)
    stage = stages[place]
    crosses = blamed is not None and blamed.mode in _CROSSING and not _differs_in_process(verdict, stage.name)
    if stage.kind == "function" and not crosses and not so_far.script_cells >= set(stage.cells):
        told = Repair("script", (stage.name,), because)
        return replace(
            so_far, script_cells=so_far.script_cells | set(stage.cells), repairs=(*so_far.repairs, told)
        )
    first, second = (stages[place - 1], stage) if place else (stage, stages[1])
    if so_far.fuse >= set(second.cells[:1]):
        return _whole(stages, because, so_far)
    return _fused(so_far, first.name, second, because)


def fuse_joined(
    stages: Sequence[StageCells], joined: Sequence[Joined], so_far: Constraints = Constraints()
) -> Constraints:
    """The same, for stages that could not have a process of their own."""
    known = {stage.name: stage for stage in stages}
    for one in joined:
        second = known.get(one.second)
        if second is not None and not so_far.fuse >= set(second.cells[:1]):
            so_far = _fused(so_far, one.first, second, f"{one.because} does not survive storing")
    return so_far


def _blamed(verdict: Verdict) -> Difference | None:
    """The difference in the earliest stage."""
    found = next((one.differences for one in (verdict, *verdict.others) if one.differences), ())
    order = {stage.name: place for place, stage in enumerate(verdict.stages)}
    known = [one for one in found if one.stage in order]
    return min(known, key=lambda one: order[one.stage], default=found[0] if found else None)


def _differs_in_process(verdict: Verdict, stage: str) -> bool:
    return any(one.stage == stage and one.mode == "in-process" for one in verdict.differences)


def _hidden(stages: tuple[StageCells, ...], verdict: Verdict, so_far: Constraints) -> Constraints | None:
    """The first stage in which a variable changes that only the stages before it have, fused with the one before."""
    lost = {one.stage: one.name for one in reversed(verdict.not_compared) if one.reason == ABSENT}
    for before, stage in pairwise(stages):
        if stage.name in lost and stage.cells[0] not in so_far.fuse:
            because = f"{lost[stage.name]} cannot be seen where {stage.name} ends"
            return _fused(so_far, before.name, stage, because)
    return None


def _because(blamed: Difference | None) -> str:
    if blamed is None:
        return "the proof did not reach its floor"
    return f"{blamed.what} {blamed.name} differed after cell {blamed.cell} ({blamed.mode})"


def _whole(stages: tuple[StageCells, ...], because: str, so_far: Constraints) -> Constraints:
    names = tuple(stage.name for stage in stages)
    if so_far.whole or (len(stages) == 1 and stages[0].kind == "script"):
        return replace(so_far, session=because, repairs=(*so_far.repairs, Repair("session", names, because)))
    return replace(so_far, whole=because, repairs=(*so_far.repairs, Repair("whole", names, because)))


def _fused(so_far: Constraints, first: str, second: StageCells, because: str) -> Constraints:
    told = Repair("fused", (first, second.name), because)
    return replace(so_far, fuse=so_far.fuse | set(second.cells[:1]), repairs=(*so_far.repairs, told))
