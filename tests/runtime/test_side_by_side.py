"""Stages side by side print and leave what they print and leave one after another."""

import json
from pathlib import Path

import pytest
from notebook_files import write_notebook
from runtime_projects import MakeProject, Project

from nb2pipe.cli import main

HEAD = "import random; random.seed(3); base = [3, 1, 2]; other = {'k': 1}"
# name: (stages after the first; how many of them may count that ran ahead)
CASES: dict[str, tuple[list[str], int]] = {
    "nothing in common": (["a1 = sorted(base); print('one')", "b1 = sum(base); print('two')"], 1),
    "changed in place": (["base.append(9); print(base)", "print(len(base))"], 0),
    "alias made": (["alias = base", "alias2 = base; alias2.append(5); print(base)", "print(alias)"], 0),
    "random numbers": (["print(random.random())", "print(random.random())"], 0),
    "seeded again": (["print(random.random())", "random.seed(3)", "print(random.random())"], 0),
    "only the first draws": (["print(random.random())", "c1 = sum(base); print(c1)"], 1),
    "environment": (["import os; os.environ['N'] = '1'", "import os; print(os.environ.get('N'))"], 0),
    "file": (["open('f.txt', 'w').write('new')", "print(open('f.txt').read())"], 0),
    "file that a later stage writes": (
        ["import os; print(os.path.exists('g.txt'))", "open('g.txt', 'w').write('g')"],
        0,
    ),
    "file that an earlier stage writes": (
        ["open('h.txt', 'w').write('h')", "import os; print(os.path.exists('h.txt'))"],
        0,
    ),
    "folder": (["import os; os.mkdir('made')", "import os; print(sorted(os.listdir('.')))"], 0),
    "same name": (["n1 = 1", "n1 = 2", "print(n1)"], 1),
    "name deleted": (["del other", "print('other' in globals())"], 0),
    "cannot be stored": (["gen = (n for n in base); next(gen)", "print(sum(base))", "print(list(gen))"], 0),
    "options": (["import math; math.answer = 1", "import math; print(getattr(math, 'answer', 0))"], 0),
    "warnings": (
        ["import warnings; warnings.simplefilter('error')", "import warnings; print(warnings.filters[0][0])"],
        0,
    ),
    "long text": (["print('x' * 200000)", "print('y' * 200000)"], 1),
    "displays": (["display(1); display(2)", "display(3)"], 1),
}


def record(project: Project) -> list[dict[str, object]]:
    """What the newest run with processes says of its stages."""
    paths = sorted(project.folder.glob("runs/*/run.json"), key=lambda path: path.stat().st_mtime_ns)
    stages = json.loads(paths[-1].read_text())["stages"]
    assert isinstance(stages, list)
    return stages


def make(scripts: MakeProject, stages: list[str]) -> Project:
    """A project of scripts whose stages declare what they mention."""
    names = ["base", "other", "a1", "b1", "c1", "n1", "alias", "alias2", "gen", "random"]
    texts = [HEAD, *stages]
    texts = [
        f"from demo.runner.kernel import display\n{text}" if "display" in text else text for text in texts
    ]
    project = scripts(*texts, names=names)
    path = project.folder / "demo" / "pipeline.py"
    text = path.read_text()
    for number, one in enumerate(texts, 1):
        reads = [name for name in names if name in one]
        makes = [name for name in names if f"{name} =" in one or f"import {name}" in one]
        before, marker, rest = text.partition(f"Stage('cell_{number}'")
        rest = rest.replace(f"'inputs': {names}", f"'inputs': {reads if number > 1 else []}", 1)
        rest = rest.replace(f"'outputs': {names}", f"'outputs': {makes}", 1)
        text = before + marker + rest
    path.write_text(text)
    return project


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_jobs_print_the_same(scripts: MakeProject, name: str) -> None:
    stages, most = CASES[name]
    project = make(scripts, stages)
    plain = project.run("run", "--out", "plain")
    for path in [*project.data.glob("*.txt"), *project.data.glob("made")]:
        path.unlink() if path.is_file() else path.rmdir()
    jobs = project.run("run", "--jobs", "3")
    assert plain.returncode == 0, plain.stderr
    assert (jobs.returncode, jobs.stdout) == (0, plain.stdout), jobs.stderr
    assert sum(bool(one.get("ahead")) for one in record(project)) <= most
    assert shown(project.data / "plain") == shown(next(project.folder.glob("runs/*-1")))
    assert not list(project.folder.glob("runs/*/store/*.part"))


def shown(folder: Path) -> list[str]:
    """The texts of the displays, in order."""
    return [path.read_text() for path in sorted(folder.glob("displays/*.txt"))]


def test_independent_stages_do_run_ahead(scripts: MakeProject) -> None:
    stages = [
        "import time; time.sleep(3); a1 = sorted(base); print('one')",
        "import time; time.sleep(3); b1 = sum(base); print('two')",
    ]
    project = make(scripts, stages)
    done = project.run("run", "--jobs", "2")
    assert (done.returncode, done.stdout) == (0, "one\ntwo\n"), done.stderr
    assert [bool(one.get("ahead")) for one in record(project)] == [False, False, True]


def test_failing_stage_ends_the_run(scripts: MakeProject) -> None:
    project = make(scripts, ["print('one'); 1 / 0", "print('two')"])
    done = project.run("run", "--jobs", "2")
    assert (done.returncode, done.stdout) == (1, "one\n")
    assert "ZeroDivisionError" in done.stderr
    assert "cell_2" in done.stderr


# (what the left stage does with numpy's stream, and the right one; whether the right one may run ahead)
STREAMS = {
    "left seeds": ("np.random.seed(4)\nleft = np.random.rand()", "right = np.ones(n).sum()", True),
    "neither draws": ("left = np.zeros(n).sum()", "right = np.ones(n).sum()", True),
    "both draw": ("np.random.seed(4)\nleft = np.random.rand()", "right = np.random.rand()", False),
    "left sets options": ("np.set_printoptions(precision=2)\nleft = 1", "right = np.ones(n) / 3", False),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STREAMS)
def test_library_that_two_stages_load(tmp_path: Path, name: str) -> None:
    left, right, may_run_ahead = STREAMS[name]
    cells = ["import numpy as np\nn = 3", "#md ## Left", f"{left}\nprint(left)"]
    cells += ["#md ## Right", f"{right}\nprint(right)", "#md ## Draw", "print(left, right)"]
    cells += ["print(np.random.rand(2))"] if "seed" in left else []
    notebook = write_notebook(tmp_path, *cells, name="demo.ipynb")
    assert main(["convert", str(notebook), "-o", str(tmp_path / "project"), "-q"]) == 0
    project = Project(tmp_path / "project", "demo")
    plain, jobs = project.run("run", "--out", "plain"), project.run("run", "--jobs", "2")
    assert plain.returncode == 0, plain.stderr
    assert jobs.stdout == plain.stdout
    ahead = [str(one["stage"]) for one in record(project) if one.get("ahead")]
    assert any(one.startswith("right") for one in ahead) == may_run_ahead
