"""Every sample notebook becomes a pipeline that prints what the notebook printed, in one process and in many."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

SAMPLES = Path(__file__).parents[1] / "sample_notebooks"
NOTEBOOKS = sorted(SAMPLES.glob("*/*.ipynb"))
SCRIPTS = sorted(SAMPLES.glob("*/percent_script.py"))
UNSEEDED = frozenset({"no_seed"})

pytestmark = pytest.mark.slow


class Converted(NamedTuple):
    """A sample in a folder of its own, and the project that came of it."""

    source: Path
    project: Path
    package: str


def run(arguments: list[str], folder: Path, project: Path | None = None) -> str:
    """The stdout of a Python command in a folder; it must succeed and say nothing of a traceback."""
    environment = os.environ | {"MPLBACKEND": "agg"}
    if project is not None:
        environment["PYTHONPATH"] = str(project)
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout.replace("\r\n", "\n")


def saved_stdout(notebook: Path) -> str:
    """What the cells printed when the notebook was saved."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "".join(
        "".join(output["text"])
        for cell in cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream" and output["name"] == "stdout"
    ).replace("\r\n", "\n")


def convert(source: Path, scratch: Path) -> Converted:
    """Copy the sample with its data, and convert the copy."""
    folder = scratch / source.parent.name
    shutil.copytree(source.parent, folder)
    project = scratch / "project"
    run(["-m", "nb2pipe", "convert", source.name, "-o", str(project)], folder)
    (package,) = (path.parent.name for path in project.glob("*/pipeline.py"))
    return Converted(folder / source.name, project, package)


@pytest.fixture(scope="module", params=[*NOTEBOOKS, *SCRIPTS], ids=lambda path: path.stem)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Converted:
    return convert(request.param, tmp_path_factory.mktemp(request.param.stem))


def expected_stdout(sample: Converted) -> str:
    """The saved outputs of a notebook; a script has none, so it is run."""
    if sample.source.suffix == ".py":
        return run([sample.source.name], sample.source.parent)
    return saved_stdout(sample.source)


@pytest.mark.parametrize("mode", [[], ["--isolated"]], ids=["one-process", "isolated"])
def test_pipeline_prints_what_the_notebook_printed(sample: Converted, mode: list[str]) -> None:
    printed = run(["-m", sample.package, "run", *mode], sample.source.parent, sample.project)
    if sample.source.stem in UNSEEDED:
        assert len(printed.splitlines()) == len(expected_stdout(sample).splitlines())
    else:
        assert printed == expected_stdout(sample)


@pytest.mark.parametrize("command", [["format", "--check"], ["check"]], ids=["format", "lint"])
@pytest.mark.parametrize("settings", [[], ["--isolated"]], ids=["its-settings", "defaults"])
def test_project_is_clean(sample: Converted, command: list[str], settings: list[str]) -> None:
    run(["-m", "ruff", *command, *settings, "--no-cache", "."], sample.project)


def test_projects_own_tests_pass(sample: Converted) -> None:
    run(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"], sample.project)


def test_project_tells_nothing_of_where_it_was_made(sample: Converted) -> None:
    told = [
        path.name
        for path in sample.project.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and "runs" not in path.parts
        if str(sample.source.parent.parent).encode() in path.read_bytes()
    ]
    assert not told


def test_converting_twice_gives_the_same_bytes(sample: Converted) -> None:
    again = sample.project.with_name("again")  # as far from the notebook as the first
    run(["-m", "nb2pipe", "convert", sample.source.name, "-o", str(again)], sample.source.parent)
    files = {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}
    assert {name: (sample.project / name).read_bytes() for name in files} == files


def test_there_are_samples_enough() -> None:
    assert len(NOTEBOOKS) >= 10
    assert len(SCRIPTS) == 1
