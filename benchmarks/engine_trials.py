"""An engine in a virtual environment, a notebook's project on it, and what became of it."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nb2pipe import engines, rendering
from nb2pipe.errors import Nb2pipeError
from nb2pipe.execution.pins import version_of
from nb2pipe.workflows import convert as converting
from nb2pipe.workflows.engines import with_engines

LIMIT = 900
_OURS = frozenset({"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"})  # of this process, not of the engine's


@dataclass(frozen=True, slots=True)
class Trial:
    """An engine in a virtual environment."""

    engine: engines.Engine
    venv: Path
    is_oldest: bool = False

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.venv / "bin" / "python")

    def start(self, command: Sequence[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
        """A command with the programs of the environment, and nothing of this process's own path."""
        path = f"{self.venv / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        known = {name: value for name, value in os.environ.items() if name not in _OURS}
        found = shutil.which(command[0], path=path) or command[0]
        return subprocess.run(
            [found, *command[1:]],
            cwd=folder,
            env={**known, "PATH": path, **more},
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )


@dataclass(frozen=True, slots=True)
class Made:
    """A notebook's copy, and the project that was made of it for an engine."""

    trial: Trial
    notebook: Path
    project: Path
    package: str
    stages: int

    def plain(self, *more: str) -> str:
        """What the pipeline prints without an engine; OSError where it does not run."""
        words = [self.trial.python, "-m", self.package, "run", *more]
        return succeeded(self.trial.start(words, self.notebook.parent, PYTHONPATH=str(self.project)))

    def on_engine(self) -> str:
        """What the stages print on the engine; OSError where it does not run."""
        run = engines.run_of(self.trial.engine, self.project, self.package)
        for command in filter(None, (() if run.folder.exists() else run.prepare, run.command)):
            succeeded(self.trial.start(command, self.project, **run.environment))
        return engines.printed(run)

    def records(self) -> Mapping[str, int]:
        """When each stage ran last."""
        folder = engines.run_of(self.trial.engine, self.project, self.package).folder / "records"
        return {path.stem.partition("-")[2]: path.stat().st_mtime_ns for path in sorted(folder.iterdir())}


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one notebook on one engine."""

    engine: str
    version: str
    is_oldest: bool
    notebook: str
    outcome: str
    is_fine: bool
    seconds: float
    stages: int = 0
    values: int = 0  # that were compared


Outcome = tuple[str, bool, int]  # in words, whether it is as wished, how many values were compared


def row_of(trial: Trial, notebook: Path, measure: Callable[[Made], Outcome]) -> Row:
    """Measure in a fresh place; what goes wrong there is the outcome."""
    begun, stages, values = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory(prefix="engines-") as scratch:
        try:
            made = make_project(trial, notebook, Path(scratch))
            stages = made.stages
            outcome, is_fine, values = measure(made)
        except (Nb2pipeError, OSError, subprocess.TimeoutExpired) as error:
            outcome, is_fine = f"failed: {error}"[-300:], False
    seconds = round(time.monotonic() - begun, 1)
    return Row(
        trial.engine.name,
        version_of(trial.python, trial.engine.distribution),
        trial.is_oldest,
        notebook.stem,
        outcome,
        is_fine,
        seconds,
        stages,
        values,
    )


def make_project(trial: Trial, notebook: Path, scratch: Path) -> Made:
    """A fresh copy of the notebook's folder, converted with the adapter."""
    shutil.copytree(notebook.parent, scratch / "notebook")
    copy, project = scratch / "notebook" / notebook.name, scratch / "project"
    converted = converting.convert(copy, project)
    rendering.write(with_engines(converted.tree, [trial.engine.name]), project)
    return Made(trial, copy, project, converted.plan.package, len(converted.plan.stages))


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    """What a command printed; OSError where it failed, with its output in a file."""
    if done.returncode:
        log = Path(tempfile.gettempdir()) / "engine-failed.log"
        log.write_text(done.stdout + done.stderr, "utf-8")
        last = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        raise OSError(
            f"{Path(done.args[0]).name} ended with {done.returncode}, see {log.name}: {''.join(last)}"
        )
    return done.stdout
