"""A converted project against its notebook: run both, compare, say the verdict."""

from pathlib import Path

from nb2pipe import execution
from nb2pipe.execution import Place
from nb2pipe.verification import Verdict

from .lock import cells_of, read_project
from .proving import Prover, ProofWish, runs_needed, sends_away


def verify(project_dir: Path, notebook: Path | None = None, wish: ProofWish | None = None) -> Verdict:
    """The verdict on the project in `project_dir`; InputError when the notebook is not the one that was converted."""
    wish = wish or ProofWish()
    project = read_project(project_dir, notebook)
    cells = cells_of(project)
    python = execution.interpreter(wish.python)
    for sentence in (runs_needed(wish), *sends_away(cells)):
        wish.say(sentence)
    with execution.scratch_of(project.notebook, project.folder, wish.root, wish.copy_all) as scratch:
        return Prover(cells, Place(scratch, python, wish.controls, wish.timeout), wish).prove(project)
