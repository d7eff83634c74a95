"""Notebook -> pipeline project that is proved: where it differs, the next coarser rung is taken, and proved again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nb2pipe import execution, planning, project, rendering, verification
from nb2pipe.errors import RefusedError
from nb2pipe.execution import Scratch
from nb2pipe.execution.pins import lazily_loaded
from nb2pipe.planning import NO_WISH, Plan, Wish
from nb2pipe.verification import Constraints, Verdict

from .convert import Converted, convert
from .inputs import every_input
from .lock import Project, cells_of, read_project
from .proving import ProofWish, Prover, place_of, runs_needed, sends_away
from .reached import reached


@dataclass(frozen=True, slots=True)
class Proved:
    """A conversion with the verdict on it."""

    converted: Converted
    verdict: Verdict


def convert_verified(
    path: Path, target: Path, wish: Wish = NO_WISH, proof: ProofWish | None = None
) -> Proved:
    """The highest rungs that are proved equal; where nothing is, the coarsest form with its verdict."""
    proof = proof or ProofWish()
    python = execution.interpreter(proof.python)
    converted = convert(path, target, wish, python.exe)
    outside = reached([cell.lifted for cell in converted.facts.cells], path)
    with execution.scratch_of(path, target, proof.root, proof.copy_all, outside) as scratch:
        first = _laid_out(converted, scratch, path)
        cells = cells_of(first)
        for sentence in (runs_needed(proof), *sends_away(cells)):
            proof.say(sentence)
        place = place_of(scratch, python, proof)
        prover = Prover(every_input(path, cells, proof), place, proof)
        wish = replace(wish, sizes=prover.sizes(frozenset(stage.last for stage in first.stages)))
        ladder = _Ladder(path, target, wish, prover, scratch)
        proved = _pinned(ladder.descend(ladder.begin(converted, first)), python.exe)
        return _recorded(proved, scratch.around)


def _pinned(proved: Proved, python: str) -> Proved:
    """The requirements with what the stages' libraries loaded by themselves."""
    modules = {name for run in proved.verdict.records for name in run.modules}
    listed = [line.partition("==")[0] for line in proved.converted.tree["requirements.txt"].splitlines()]
    lines = lazily_loaded(python, modules, listed)
    tree = project.with_requirements(proved.converted.tree, lines)
    return replace(proved, converted=replace(proved.converted, tree=tree))


def _recorded(proved: Proved, around: Sequence[str]) -> Proved:
    """The project with a test for what was printed, where the proof says equal."""
    tree = project.with_record(proved.converted.tree, proved.converted.plan, proved.verdict, around)
    return replace(proved, converted=replace(proved.converted, tree=tree))


def with_reports(proved: Proved, reports: Mapping[str, str]) -> Converted:
    """The conversion with the proof's reports among its files."""
    files = {f"reports/{name}": text for name, text in reports.items()}
    return replace(proved.converted, tree={**proved.converted.tree, **files})


class _Ladder:
    """From rung to rung, until the proof holds."""

    def __init__(self, path: Path, target: Path, wish: Wish, prover: Prover, scratch: Scratch) -> None:
        self.path, self.target, self.wish = path, target, wish
        self.prover, self.scratch = prover, scratch

    def begin(self, converted: Converted, laid_out: Project) -> Proved:
        """The first proof; cut elsewhere before it, where the run shows that much would pass from stage to stage."""
        if _shape(planning.plan(converted.facts, self.wish)) != _shape(converted.plan):
            self.prover.wish.say("cutting elsewhere, so that large variables stay in a stage")
            converted = convert(self.path, self.target, self.wish, self.prover.place.python.exe)
            laid_out = _laid_out(converted, self.scratch, self.path)
        return Proved(converted, self.prover.prove(laid_out))

    def descend(self, proved: Proved) -> Proved:
        so_far = Constraints()
        while not proved.verdict.is_settled and not so_far.is_exhausted:
            so_far = verification.repair(proved.verdict.stages, proved.verdict, so_far)
            proved = self._again(proved, so_far)
        if not proved.verdict.is_equal or not proved.verdict.joined:
            return proved
        fused = verification.fuse_joined(proved.verdict.stages, proved.verdict.joined, so_far)
        without_joins = self._again(proved, fused)
        return without_joins if without_joins.verdict.is_equal else proved

    def _again(self, proved: Proved, so_far: Constraints) -> Proved:
        told = so_far.repairs[-1]
        self.prover.wish.say(f"{told.what} {', '.join(told.stages)}, since {told.because}; proving again")
        python = self.prover.place.python.exe
        converted = self._converted(coarser(self.wish, proved.converted.plan, so_far), python)
        if _shape(converted.plan) == _shape(proved.converted.plan):
            return proved  # the plan cannot take that: the next coarser form is asked for
        verdict = self.prover.prove(_laid_out(converted, self.scratch, self.path))
        return Proved(converted, replace(verdict, repairs=(*proved.verdict.repairs, told)))

    def _converted(self, wish: Wish, python: str) -> Converted:
        """With the cuts as they were; where a coarser stage forbids one of them, with new ones."""
        try:
            return convert(self.path, self.target, wish, python)
        except RefusedError:
            free = replace(wish, cuts=self.wish.cuts, names=self.wish.names)
            return convert(self.path, self.target, free, python)


def coarser(wish: Wish, plan: Plan, so_far: Constraints) -> Wish:
    """The wish for the same cuts and names, but for what the proofs so far forbid."""
    starts = {stage.cells[0]: stage.name for stage in plan.stages if stage.cells}
    kept: Mapping[int, str] = {cell: name for cell, name in starts.items() if cell not in so_far.fuse}
    return replace(
        wish,
        cuts=tuple(kept),
        names={**wish.names, **kept},
        script_cells=wish.script_cells | so_far.script_cells,
        fused=wish.fused | so_far.fuse,
        whole=wish.whole or so_far.whole,
        session=wish.session or so_far.session,
    )


def _shape(plan: Plan) -> list[tuple[object, ...]]:
    return [(stage.name, stage.kind, stage.ipython, stage.cells) for stage in plan.stages]


def _laid_out(converted: Converted, scratch: Scratch, notebook: Path) -> Project:
    """The project as files, beside the scratch work; the user's folder is written when all is over."""
    folder = scratch.home / "converted"
    with execution.disk_faults():
        rendering.write(converted.tree, folder, replace=folder.exists())
    return read_project(folder, notebook)
