"""Two engines for real: the lightest that starts processes, and the lightest that passes objects.

Each gets an environment of its own, since their dependencies need not agree with nb2pipe's.
"""

import json
import os
import subprocess
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from notebook_files import write_notebook

from nb2pipe import engines
from nb2pipe.cli import main

_NOTHING: Mapping[str, str] = {}
pytestmark = pytest.mark.slow

CELLS = (
    "#md # Ambient",
    "import os\nimport random\nfrom pathlib import Path\nrandom.seed(3)\nSIZE = 3",
    "#md ## Load",
    "rows = [random.random() for _ in range(SIZE)]\nalias = rows\ntext = Path('data.txt').read_text()\nprint(text, rows)",
    "#md ## Count",
    "os.environ['ROOM'] = 'north'\nprint(len(text))",
    "#md ## Change",
    "alias.append(random.random())\nprint(sum(rows), rows is alias)",
    "#md ## Draw",
    "print(random.random(), os.environ['ROOM'], len(rows))",
)
FAILS_ONCE = (
    "if not Path('mark').exists():\n    Path('mark').touch()\n    raise RuntimeError('not yet')\nprint('now')"
)


@dataclass(frozen=True)
class Place:
    """A project with the adapter for an engine, and the engine's environment."""

    engine: engines.Engine
    project: Path
    bin: Path

    def run(self, *more: str) -> str:
        """Run it on the engine; what its stages printed."""
        run = engines.run_of(self.engine, self.project, "ambient")
        self.start(*run.command, *more, environment=run.environment)
        return engines.printed(run)

    def plain(self, *more: str) -> str:
        """What the pipeline prints in one process."""
        return self.start("python", "-m", "ambient", "run", *more, folder=self.project.parent)

    def start(
        self, *words: str, folder: Path | None = None, environment: Mapping[str, str] = _NOTHING
    ) -> str:
        """The stdout of a command that must succeed."""
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "PYTHONPATH": str(self.project), **environment}
        done = subprocess.run(
            [str(self.bin / words[0]), *words[1:]],
            cwd=folder or self.project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def records(self) -> dict[str, int]:
        """When each stage ran last."""
        folder = self.project / "runs" / self.engine.name / "records"
        return {path.stem: path.stat().st_mtime_ns for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module", params=["luigi", "dask"])
def bin_of(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    engine = engines.engine_named(request.param).ENGINE
    folder = tmp_path_factory.mktemp(engine.name)
    venv.create(folder, with_pip=True)
    wanted = f"{engine.distribution}=={engine.tried[-1]}"
    done = subprocess.run(
        [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return engine.name, folder / "bin"


@pytest.fixture
def place(bin_of: tuple[str, Path], tmp_path: Path) -> Place:
    return made(bin_of, tmp_path, *CELLS)


def made(bin_of: tuple[str, Path], folder: Path, *cells: str) -> Place:
    name, bin_folder = bin_of
    (folder / "data.txt").write_text("some data")
    notebook = write_notebook(folder, *cells, name="ambient.ipynb")
    assert main(["convert", str(notebook), "-o", str(folder / "out"), "-q", "--engine", name]) == 0
    return Place(engines.engine_named(name).ENGINE, folder / "out", bin_folder)


def test_engine_prints_what_the_run_prints(place: Place) -> None:
    assert place.run() == place.plain()
    assert place.run("--set", "SIZE=5") == place.plain("--set", "SIZE=5")


def test_failed_stage_is_tried_again(bin_of: tuple[str, Path], tmp_path: Path) -> None:
    cells = (*CELLS, "#md ## Fail", FAILS_ONCE)
    place = made(bin_of, tmp_path, *cells)
    printed = place.run()
    assert printed.endswith("now\n")
    assert printed == place.plain()


BRANCHES = (
    "import random\nfrom pathlib import Path\nrandom.seed(2)\nn = 4",
    "#md ## Left",
    "left = [k * n for k in range(n)]\nprint('left', left)",
    "#md ## Right",
    "right = sum(range(n))\nprint('right', right)",
    "#md ## Draw",
    "drawn = random.random()\nprint(drawn)",
    "#md ## Write",
    "Path('w.txt').write_text(str(right))\nprint(left, right, random.random(), Path('w.txt').read_text())",
)


@pytest.mark.parametrize("bin_of", ["dask"], indirect=True)
def test_stages_side_by_side(bin_of: tuple[str, Path], tmp_path: Path) -> None:
    place = made(bin_of, tmp_path, *BRANCHES)
    printed = place.start(*engines.run_of(place.engine, place.project, "ambient").command, "--jobs", "2")
    assert printed == place.plain()
    (record,) = place.project.glob("runs/dask/run.json")
    ahead = [one["stage"] for one in json.loads(record.read_text())["stages"] if one.get("ahead")]
    assert any(stage.startswith("right") for stage in ahead)


@pytest.mark.parametrize("bin_of", ["dask"], indirect=True)
def test_failure_side_by_side_names_the_stage(bin_of: tuple[str, Path], tmp_path: Path) -> None:
    place = made(bin_of, tmp_path, "n = 0", "#md ## Left", "m = 1", "#md ## Right", "print(1 / n)", "m")
    words = [*engines.run_of(place.engine, place.project, "ambient").command, "--jobs", "2"]
    with pytest.raises(AssertionError, match=r"ZeroDivisionError(.|\n)*stage right"):
        place.start(*words)


def test_failure_names_stage_cell_and_line(bin_of: tuple[str, Path], tmp_path: Path) -> None:
    place = made(bin_of, tmp_path, "n = 0", "#md ## Left", "m = 1", "#md ## Right", "print(1 / n)", "m")
    with pytest.raises(AssertionError) as failed:
        place.run()
    log = str(failed.value)
    for part in ("ZeroDivisionError", 'stages/right.py", line ', "1 / n", "stage right (cell"):
        assert part in log.replace("\\", ""), part


@pytest.mark.parametrize("bin_of", ["luigi"], indirect=True)
def test_only_what_has_changed_runs_again(place: Place) -> None:
    printed, first = place.run(), place.records()
    assert place.run() == printed
    assert place.records() == first
    (stage,) = (place.project / "ambient" / "stages").glob("count*.py")
    stage.write_text(stage.read_text().replace("print(len(text))", "print(len(text), 'letters')"))
    assert place.run() == place.plain()
    assert changed(first, place.records()) == ["count"]
    (place.project.parent / "data.txt").write_text("other data")
    assert place.run() == place.plain()
    assert "load" in changed(first, place.records())


def changed(before: dict[str, int], after: dict[str, int]) -> list[str]:
    return [name.partition("-")[2].partition("_")[0] for name in after if after[name] != before[name]]
