"""A converted project against its notebook: run both, compare, say the verdict."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from nb2pipe import execution, rendering
from nb2pipe.verification import Verdict

from .inputs import every_input
from .lock import cells_of, read_project
from .proving import ProofWish, Prover, place_of, runs_needed, sends_away
from .reached import reached


def verify(project_dir: Path, notebook: Path | None = None, wish: ProofWish | None = None) -> Verdict:
    """The verdict on the project in `project_dir`; InputError when the notebook is not the one that was converted."""
    wish = wish or ProofWish()
    project = read_project(project_dir, notebook)
    cells = cells_of(project)
    python = execution.interpreter(wish.python)
    for sentence in (runs_needed(wish), *sends_away(cells)):
        wish.say(sentence)
    outside = reached(cells, project.notebook)
    with execution.scratch_of(project.notebook, project.folder, wish.root, wish.copy_all, outside) as scratch:
        place = place_of(scratch, python, wish)
        return Prover(every_input(project.notebook, cells, wish), place, wish).prove(project)


def verify_clean(project_dir: Path, notebook: Path | None = None, wish: ProofWish | None = None) -> Verdict:
    """The same in a new environment that holds what requirements.txt names, and a kernel."""
    wish = wish or ProofWish()
    requirements = project_dir / "requirements.txt"
    wish.say(f"making an environment from {requirements}")
    with execution.clean_environment(requirements, wish.python) as python:
        return verify(project_dir, notebook, replace(wish, python=python))


def keep_reports(project_dir: Path, reports: Mapping[str, str]) -> None:
    """Put the reports of a proof into the project's folder `reports`."""
    rendering.add(reports, project_dir / "reports")
