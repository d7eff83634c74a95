"""Run engines on notebooks, and compare what they print with what the pipeline prints in one process.

    python benchmarks/engines.py --venvs DIR [--engine NAME] [NOTEBOOK...]

DIR/<engine> is a virtual environment with the engine and the notebooks' packages. Prints a table in Markdown.
"""

import argparse
import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nb2pipe import engines, rendering
from nb2pipe.workflows import convert as converting
from nb2pipe.workflows.engines import with_engines

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ("params_tagged", "aliases_inplace", "figure_over_cells", "magics_and_shell", "churn")
LIMIT = 600


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one notebook on one engine."""

    engine: str
    version: str
    notebook: str
    stages: int
    outcome: str
    seconds: float


def main() -> int:
    """Run all, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venvs", type=Path, required=True)
    parser.add_argument("--engine", action="append", default=[])
    parser.add_argument("notebooks", nargs="*", type=Path)
    told = parser.parse_args()
    names = told.engine or [name for name in engines.engines() if (told.venvs / name).is_dir()]
    notebooks = told.notebooks or [ROOT / "sample_notebooks" / name / f"{name}.ipynb" for name in SAMPLES]
    print(f"Run on {dt.datetime.now(tz=dt.UTC):%Y-%m-%d}.\n")
    print(
        "| engine | version | notebook | stages | stdout | seconds |\n| --- | --- | --- | --- | --- | --- |"
    )
    outcomes = []
    for notebook in notebooks:
        for one in results(notebook, names, told.venvs.resolve()):
            outcomes.append(one.outcome)
            cells = (one.engine, one.version, one.notebook, one.stages, one.outcome, f"{one.seconds:.1f}")
            print(f"| {' | '.join(map(str, cells))} |", flush=True)
    return int(any(outcome != "equal" for outcome in outcomes))


def results(notebook: Path, names: list[str], venvs: Path) -> Iterator[Result]:
    """One notebook on each of the engines, each in a fresh copy of the notebook's folder."""
    expected: str | None = None
    for name in names:
        with tempfile.TemporaryDirectory(prefix="engines-") as scratch:
            place = Path(scratch) / "place"
            shutil.copytree(notebook.parent, place / "notebook")
            copy, project = place / "notebook" / notebook.name, place / "project"
            engine = engines.engine_named(name).ENGINE
            converted = converting.convert(copy, project)
            tree = with_engines(converted.tree, [name])
            rendering.write(tree, project)
            package = converted.plan.package
            if expected is None:
                expected = _plain(venvs / name, package, project, copy.parent)
            begun = time.monotonic()
            outcome = _on(engine, venvs / name, project, package, expected)
            seconds = time.monotonic() - begun
            version = _version(venvs / name, engine.distribution)
            yield Result(name, version, notebook.stem, len(converted.plan.stages), outcome, seconds)


def _plain(venv: Path, package: str, project: Path, folder: Path) -> str:
    done = _run([str(venv / "bin" / "python"), "-m", package, "run"], folder, venv, PYTHONPATH=str(project))
    if done.returncode:
        sys.exit(f"{package} does not run at all: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout


def _on(engine: engines.Engine, venv: Path, project: Path, package: str, expected: str) -> str:
    run = engines.run_of(engine, project, package)
    for command in filter(None, (run.prepare, run.command)):
        try:
            done = _run(list(command), project, venv, **run.environment)
        except subprocess.TimeoutExpired:
            return "timeout"
        except FileNotFoundError:
            return "not installed"
        if done.returncode:
            log = Path(tempfile.gettempdir()) / f"engine-{engine.name}.log"
            log.write_text(done.stdout + done.stderr, encoding="utf-8")
            return f"failed, see {log.name}"
    return "equal" if engines.printed(run) == expected else "different"


def _run(command: list[str], folder: Path, venv: Path, **more: str) -> subprocess.CompletedProcess[str]:
    path = f"{venv / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, **more}
    found = shutil.which(command[0], path=path) or command[0]
    return subprocess.run(
        [found, *command[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def _version(venv: Path, distribution: str) -> str:
    code = f"from importlib.metadata import version; print(version({distribution!r}))"
    return _run([str(venv / "bin" / "python"), "-c", code], venv, venv).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
