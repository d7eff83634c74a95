"""The runs behind a verdict: the notebook's, kept for the next proof of the same cells, and the pipeline's."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nb2pipe import execution, verification
from nb2pipe.errors import EnvironmentFault
from nb2pipe.execution import MODES, Controls, Failure, Interpreter, Place, RunRecord, Scratch, processes
from nb2pipe.execution.processes import Ended
from nb2pipe.notebooks import Lifted
from nb2pipe.verification import Question, StageCells, Verdict, sources

from .engines import ENGINE, on_engine
from .inputs import Inputs
from .lock import Project

MORE_REPEATS = 3  # two runs of an unseeded notebook can agree by chance


@dataclass(frozen=True, slots=True)
class ProofWish:
    """What the user asked of a proof."""

    python: str | None = None
    modes: tuple[str, ...] = MODES[:3]
    repeats: int = 2
    floor: float = 0.9
    timeout: float = 600.0  # seconds for a cell
    controls: Controls = field(default_factory=Controls)
    rows: float | None = None  # prove on this share of every table, too
    settings: tuple[str, ...] = ()  # prove with each of these parameters, too: "NAME=VALUE"
    root: Path | None = None
    copy_all: bool = False
    remember: Path | None = None  # where reference runs are kept by content
    start: Callable[..., Ended] = processes.run  # starts a pipeline's command
    say: Callable[[str], object] = len  # told what happens, for stderr; by default nobody is


def place_of(scratch: Scratch, python: Interpreter, wish: ProofWish) -> Place:
    """Where a proof's runs happen."""
    return Place(scratch, python, wish.controls, wish.timeout, wish.start)


class Prover:
    """Proves projects made of the same cells, all in one scratch place."""

    def __init__(self, every: Sequence[Inputs], place: Place, wish: ProofWish) -> None:
        self.place = place
        self.wish = wish
        self._proofs = [_Proof(inputs, replace(place, controls=inputs.controls), wish) for inputs in every]

    def prove(self, project: Project, modes: tuple[str, ...] = ()) -> Verdict:
        """The verdict with the inputs as they are, together with those on other inputs; in these modes, else the wish's."""
        subject = execution.Project(self.place.scratch.copy_project(project.folder), project.package)
        outputs = execution.stage_outputs(subject, self.place)
        stages = tuple(
            replace(stage, outputs=outputs.get(stage.name, frozenset())) for stage in project.stages
        )
        first, *others = [proof.verdict(subject, stages, modes or self.wish.modes) for proof in self._proofs]
        return verification.together(first, others)

    def sizes(self, borders: frozenset[int]) -> Mapping[int, Mapping[str, int]]:
        """By cell, about how many bytes each variable has where it ends, as the first run shows; {} where it fails."""
        return self._proofs[0].sizes(borders)


class _Proof:
    """The notebook's runs with one set of inputs, and the verdicts on pipelines with the same."""

    def __init__(self, inputs: Inputs, place: Place, wish: ProofWish) -> None:
        self.inputs = inputs
        self.cells = inputs.cells
        self.place = place
        self.wish = wish
        self.parsed = sources.trees(inputs.cells)
        self.imported = sources.only_imported(self.parsed)
        self.borders: frozenset[int] = frozenset()
        self.known: list[RunRecord] = []

    def verdict(
        self, subject: execution.Project, stages: tuple[StageCells, ...], modes: tuple[str, ...]
    ) -> Verdict:
        """Run the notebook, then the pipeline, and compare; run the notebook more often before calling a difference."""
        borders = frozenset(stage.last for stage in stages)
        references = self._references(borders, max(1, self.wish.repeats))
        runs = self._pipeline_runs(subject, references[0], modes)
        question = Question(
            verification.expected(references), stages, self.parsed, self.wish.floor, self._order()
        )
        verdict = verification.compare(question, runs, self.place.controls)
        if verdict.differences and self.wish.repeats > 1:
            self.wish.say("a difference: running the notebook again, to be sure that it is none of its own")
            references = self._references(borders, self.wish.repeats + MORE_REPEATS)
            question = replace(question, expected=verification.expected(references))
            verdict = verification.compare(question, runs, self.place.controls)
        return replace(verdict, inputs=self.inputs.label)

    def sizes(self, borders: frozenset[int]) -> Mapping[int, Mapping[str, int]]:
        """What the first run shows; it is told at these borders."""
        first = self._references(borders, 1, is_observed=True)[0]
        return {} if first.failure else {one.cell: one.sizes for one in first.seen}

    def _order(self) -> str:
        order = [one.cell.number for one in self.cells]
        return "document" if order == sorted(order) else "plan"

    def _references(self, borders: frozenset[int], count: int, is_observed: bool = False) -> list[RunRecord]:
        """At least so many runs of the notebook, the first told at these borders; earlier ones serve again."""
        if not borders <= self.borders:
            self.borders |= borders
            self.known = self.known[: count - 1]
            self.known.insert(0, self._run(count, is_observed))
        while len(self.known) < count:
            self.known.append(self._run(count, is_observed))
        return self.known

    def _run(self, count: int, is_observed: bool) -> RunRecord:
        number = len(self.known) + 1
        self.wish.say(f"running the notebook ({number} of {max(count, self.wish.repeats)})")
        record = self._without_star_imports(self._reference(number, is_observed))
        _check_packages(record.failure, self.place)
        return record

    def _reference(self, number: int, is_observed: bool) -> RunRecord:
        def run() -> RunRecord:
            return execution.run_notebook(self.cells, self.borders, self.place, self.imported, is_observed)

        keep = self.wish.remember
        key = (
            execution.key_of(self.cells, self.borders, self.place, self.imported, number)
            if keep is not None
            else ""
        )
        return execution.remembered(keep, key, run)

    def _without_star_imports(self, record: RunRecord) -> RunRecord:
        """Names that only a star import can have brought are imports as well."""
        if not sources.has_star_import(self.parsed):
            return record
        bound = sources.bound_anywhere(self.parsed)
        borders = tuple(
            replace(
                border, variables={name: value for name, value in border.variables.items() if name in bound}
            )
            for border in record.borders
        )
        return replace(record, borders=borders)

    def _pipeline_runs(
        self, subject: execution.Project, reference: RunRecord, modes: tuple[str, ...]
    ) -> list[RunRecord]:
        """The runs in all modes; where the warm cache is asked for, the isolated run fills it."""
        names = sources.bound_anywhere(self.parsed).union(*(one.variables for one in reference.borders))
        limit = 60 + self.wish.timeout + 10 * reference.seconds

        def run(way: str) -> RunRecord:
            if not way.startswith(ENGINE):
                return execution.run_pipeline(subject, way, self.place, limit, names, self.inputs.settings)
            engine = on_engine(subject, way.removeprefix(ENGINE), self.inputs.settings)
            return execution.run_elsewhere(subject, engine, self.place, limit, names)

        runs = []
        for mode in modes:
            if mode == "cache" and "isolated" not in modes:
                run("cold")
            self.wish.say(f"running the pipeline ({mode})")
            runs.append(replace(run("cold" if mode == "isolated" and "cache" in modes else mode), mode=mode))
        return runs


def _check_packages(failure: Failure | None, place: Place) -> None:
    """A package that is not there says nothing about the notebook."""
    lacks = re.fullmatch(r"No module named '(\w+)'", failure.value) if failure else None
    if failure is not None and lacks and failure.name == "ModuleNotFoundError":
        raise EnvironmentFault(
            f"cell {failure.cell} imports {lacks[1]}, which {place.python.exe} does not have;"
            " install it there, or name another interpreter with --python"
        )


def runs_needed(wish: ProofWish) -> str:
    """How often the code will run, in words."""
    pipeline = len(wish.modes) + ("cache" in wish.modes and "isolated" not in wish.modes)
    sets = 1 + (wish.rows is not None) + bool(wish.settings)
    also = f", with each of {sets} inputs" if sets > 1 else ""
    return f"the notebook runs {_times(wish.repeats)} and the pipeline {_times(pipeline)}{also}, in a scratch copy"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def sends_away(cells: Sequence[Lifted]) -> list[str]:
    """Uploads, database writes and sent requests that the code shows without being run."""
    found = sources.sending(sources.trees(cells))
    return [
        f"cell {cell}, line {line} calls {call}, which may leave this machine" for cell, line, call in found
    ]
