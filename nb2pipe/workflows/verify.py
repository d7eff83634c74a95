"""A converted project against its notebook: run both, compare, say the verdict."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nb2pipe import execution, notebooks, verification
from nb2pipe.errors import InputError
from nb2pipe.execution import Controls, Place, RunRecord
from nb2pipe.notebooks import Lifted
from nb2pipe.verification import Question, StageCells, Verdict, sources

MODES = ("in-process", "isolated", "cache")
ALL_MODES = (*MODES, "jobs")
MORE_REPEATS = 3  # two runs of an unseeded notebook can agree by chance


@dataclass(frozen=True, slots=True)
class ProofWish:
    """What the user asked of a proof."""

    python: str | None = None
    modes: tuple[str, ...] = MODES
    repeats: int = 2
    floor: float = 0.9
    timeout: float = 600.0  # seconds for a cell
    controls: Controls = field(default_factory=Controls)
    root: Path | None = None
    copy_all: bool = False
    say: Callable[[str], object] = len  # told what happens, for stderr; by default nobody is


@dataclass(frozen=True, slots=True)
class Project:
    """A converted project on disk, as its lock tells of it."""

    folder: Path
    notebook: Path
    digest: str
    package: str
    stages: tuple[StageCells, ...]
    skipped: frozenset[int]


def verify(project_dir: Path, notebook: Path | None = None, wish: ProofWish | None = None) -> Verdict:
    """The verdict on the project in `project_dir`; InputError when the notebook is not the one that was converted."""
    wish = wish or ProofWish()
    project = read_project(project_dir, notebook)
    cells = _cells(project)
    python = execution.interpreter(wish.python)
    with execution.scratch_of(project.notebook, project.folder, wish.root, wish.copy_all) as scratch:
        place = Place(scratch, python, wish.controls, wish.timeout)
        return _Proof(project, cells, place, wish).verdict()


def read_project(folder: Path, notebook: Path | None = None) -> Project:
    """What the project's lock says; `notebook` stands in for the lock's own place of it."""
    lock_path = folder / "nb2pipe.lock"
    try:
        lock = json.loads(lock_path.read_text(encoding="utf-8"))
        stages = tuple(StageCells(one["name"], one["kind"], tuple(one["cells"])) for one in lock["stages"])
        place = notebook or folder.resolve() / lock["notebook"]
        options = lock.get("options", {})
        project = Project(folder.resolve(), place.resolve(), lock["digest"], lock["package"], stages,
                          frozenset(options.get("skip_cells", ())))  # fmt: skip
    except FileNotFoundError:
        raise InputError(f"{folder} is no project that nb2pipe made: it has no nb2pipe.lock") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{lock_path} cannot be read; convert the notebook again with --force") from None
    return project


def _cells(project: Project) -> tuple[Lifted, ...]:
    """The notebook's cells in the order of the plan."""
    found = notebooks.read(project.notebook)
    if found.digest != project.digest:
        raise InputError(
            f"{project.notebook.name} has changed since it was converted;"
            f" run nb2pipe convert {project.notebook.name} -o {project.folder.name} --force first"
        )
    lifted = {one.cell.number: one for one in notebooks.lift_all(found)}
    return tuple(
        lifted[number] for number in _order(project, sorted(lifted)) if number not in project.skipped
    )


def _order(project: Project, numbers: Sequence[int]) -> list[int]:
    """The document's order, or the plan's where that is another; cells in no stage follow the one before them."""
    planned = list(
        dict.fromkeys(number for stage in project.stages for number in stage.cells if number in numbers)
    )
    if planned == sorted(planned):
        return list(numbers)
    followers: dict[int, list[int]] = {}
    anchor = 0
    for number in numbers:
        if number in planned:
            anchor = number
        else:
            followers.setdefault(anchor, []).append(number)
    order = list(followers.get(0, ()))
    for number in planned:
        order += [number, *followers.get(number, ())]
    return order


class _Proof:
    """The runs of one proof, all in one scratch place."""

    def __init__(self, project: Project, cells: tuple[Lifted, ...], place: Place, wish: ProofWish) -> None:
        self.project = project
        self.cells = cells
        self.place = place
        self.wish = wish
        self.parsed = sources.trees(cells)
        self.imported = sources.only_imported(self.parsed)
        self.copy = execution.Project(place.scratch.copy_project(project.folder), project.package)
        outputs = execution.stage_outputs(self.copy, place)
        self.stages = tuple(
            replace(stage, outputs=outputs.get(stage.name, frozenset())) for stage in project.stages
        )

    def verdict(self) -> Verdict:
        """Run the notebook, then the pipeline, and compare; run the notebook more often before calling a difference."""
        references = list(self._references(max(1, self.wish.repeats)))
        runs = self._pipeline_runs(references[0])
        verdict = self._compare(references, runs)
        if verdict.differences and self.wish.repeats > 1:
            self.wish.say("a difference: running the notebook again, to be sure that it is none of its own")
            references += self._references(MORE_REPEATS)
            verdict = self._compare(references, runs)
        return verdict

    def _compare(self, references: Sequence[RunRecord], runs: Sequence[RunRecord]) -> Verdict:
        order = [one.cell.number for one in self.cells]
        question = Question(
            expected=verification.expected(references),
            stages=self.stages,
            parsed=self.parsed,
            floor=self.wish.floor,
            order="document" if order == sorted(order) else "plan",
        )
        return verification.compare(question, runs, self.wish.controls)

    def _references(self, count: int) -> Iterator[RunRecord]:
        borders = {stage.last for stage in self.stages}
        for number in range(1, count + 1):
            self.wish.say(f"running the notebook ({number} of {count})")
            record = execution.run_notebook(self.cells, borders, self.place, self.imported)
            yield self._without_star_imports(record)

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

    def _pipeline_runs(self, reference: RunRecord) -> list[RunRecord]:
        """The runs in all modes; where the warm cache is asked for, the isolated run fills it."""
        names = {name for border in reference.borders for name in border.variables}
        limit = 60 + self.wish.timeout + 10 * reference.seconds
        runs: list[RunRecord] = []
        for mode in self.wish.modes:
            if mode == "cache" and "isolated" not in self.wish.modes:
                execution.run_pipeline(self.copy, "cold", self.place, limit, names)
            self.wish.say(f"running the pipeline ({mode})")
            way = "cold" if mode == "isolated" and "cache" in self.wish.modes else mode
            record = execution.run_pipeline(self.copy, way, self.place, limit, names)
            runs.append(replace(record, mode=mode))
        return runs


def runs_needed(wish: ProofWish) -> str:
    """How often the code will run, in words."""
    pipeline = len(wish.modes) + ("cache" in wish.modes)
    return f"the notebook runs {wish.repeats} times and the pipeline {pipeline} times, in a scratch copy"


def sends_away(cells: Sequence[Lifted]) -> list[dict[str, Any]]:
    """Uploads, database writes and sent requests that the code shows without being run."""
    return [
        {"cell": cell, "line": line, "call": call}
        for cell, line, call in sources.sending(sources.trees(cells))
    ]
