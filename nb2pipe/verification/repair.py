"""The next coarser form of a plan, at the first place where the pipeline is not the notebook."""

from dataclasses import dataclass, replace

from .model import Difference, Repair, StageCells, Verdict


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a plan must keep to, found by proofs so far."""

    script_cells: frozenset[int] = frozenset()  # cells that run as a script
    fuse: frozenset[int] = frozenset()  # first cells of stages before which no cut may fall
    whole: str = ""  # why the whole notebook must be one script stage
    repairs: tuple[Repair, ...] = ()
    unchanged: int = 0  # proofs in a row that ended at the same stage

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing coarser is left."""
        return bool(self.whole)


_ROUNDS = 6


def repair(
    stages: tuple[StageCells, ...], verdict: Verdict, so_far: Constraints = Constraints()
) -> Constraints:
    """What to convert with next; `is_exhausted` of the constraints that went in says when to stop.

    A function stage that differs becomes a script stage; a script stage that differs is fused with the one before it;
    after six rounds, or where no stage is to blame, the whole notebook becomes one script stage.
    """
    blamed = _blamed(verdict)
    because = _because(blamed)
    place = next(
        (n for n, stage in enumerate(stages) if blamed is not None and stage.name == blamed.stage), None
    )
    if place is None or len(so_far.repairs) >= _ROUNDS or _is_one_script(stages):
        return _whole(stages, because, so_far)
    stage = stages[place]
    crosses = (
        blamed is not None
        and blamed.mode in ("isolated", "jobs", "cache")
        and not _differs_in_process(verdict, stage.name)
    )
    if stage.kind == "function" and not crosses:
        return _add(so_far, Repair("script", (stage.name,), because), script=frozenset(stage.cells))
    if len(stages) == 1:
        return _whole(stages, because, so_far)
    first, second = (stages[place - 1], stage) if place else (stage, stages[1])
    return _add(so_far, Repair("fused", (first.name, second.name), because), fuse=frozenset(second.cells[:1]))


def _blamed(verdict: Verdict) -> Difference | None:
    """The difference in the earliest stage."""
    order = {stage.name: place for place, stage in enumerate(verdict.stages)}
    known = [one for one in verdict.differences if one.stage in order]
    return min(
        known,
        key=lambda one: order[one.stage],
        default=verdict.differences[0] if verdict.differences else None,
    )


def _differs_in_process(verdict: Verdict, stage: str) -> bool:
    return any(one.stage == stage and one.mode == "in-process" for one in verdict.differences)


def _because(blamed: Difference | None) -> str:
    if blamed is None:
        return "the proof did not reach its floor"
    return f"{blamed.what} {blamed.name} differed after cell {blamed.cell} ({blamed.mode})"


def _is_one_script(stages: tuple[StageCells, ...]) -> bool:
    return len(stages) == 1 and stages[0].kind == "script"


def _whole(stages: tuple[StageCells, ...], because: str, so_far: Constraints) -> Constraints:
    told = Repair("whole", tuple(stage.name for stage in stages), because)
    return replace(so_far, whole=because, repairs=(*so_far.repairs, told))


def _add(
    so_far: Constraints,
    told: Repair,
    script: frozenset[int] = frozenset(),
    fuse: frozenset[int] = frozenset(),
) -> Constraints:
    return replace(
        so_far,
        script_cells=so_far.script_cells | script,
        fuse=so_far.fuse | fuse,
        repairs=(*so_far.repairs, told),
    )
