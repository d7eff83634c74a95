"""A run of a converted pipeline tells of every stage's variables, whatever kind of stage it is."""

from pathlib import Path

import pytest
from notebook_files import write_notebook

from nb2pipe import execution
from nb2pipe.cli import main
from nb2pipe.execution import Controls, Place, Project
from nb2pipe.execution.pipeline import in_turn

CELLS = (
    "#md ## Load",
    "rows = [3, 1, 2]\nkeep = rows\ndef add(n=len('ab')):\n    rows.append(n)",
    "#md ## Change",
    "add()\nrows.sort()\nprint(rows)\nlocal = len(rows)",
    "#md ## Use",
    "total = sum(rows)\nprint(total)",
)


@pytest.mark.parametrize("mode", execution.MODES)
def test_every_border_is_told(tmp_path: Path, mode: str) -> None:
    (tmp_path / "nb").mkdir()
    notebook = write_notebook(tmp_path / "nb", *CELLS)
    target = tmp_path / "out"
    assert main(["convert", str(notebook), "-o", str(target), "-q"]) == 0
    with execution.scratch_of(notebook, target) as scratch:
        place = Place(scratch, execution.interpreter(None), Controls(), 60)
        project = Project(scratch.copy_project(target), next(target.glob("*/__main__.py")).parent.name)
        stages = list(execution.stage_outputs(project, place))
        names = ["rows", "keep", "local", "total"]
        run = execution.run_pipeline(project, mode, place, 60, names)
    assert run.failure is None
    assert run.text == "[1, 2, 2, 3]\n8\n"
    told = {border.stage: border for border in run.borders}
    assert list(told) == stages
    assert {name for border in told.values() for name in border.variables} == set(names)
    assert all(border.frame for border in told.values())


def test_what_a_pipeline_starts_is_ended_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "nb").mkdir()
    start = (
        "import subprocess\nlost = subprocess.Popen(['setsid', 'env', '-i', 'sleep', '300']).pid\nprint(lost)"
    )
    notebook = write_notebook(tmp_path / "nb", start)
    target = tmp_path / "out"
    assert main(["convert", str(notebook), "-o", str(target), "-q"]) == 0
    with execution.scratch_of(notebook, target) as scratch:
        place = Place(scratch, execution.interpreter(None), Controls(), 60)
        project = Project(scratch.copy_project(target), next(target.glob("*/__main__.py")).parent.name)
        run = execution.run_pipeline(project, "in-process", place, 60, [])
    assert not Path(f"/proc/{int(run.text)}").exists()


def test_what_ran_ahead_counts_in_its_turn_and_in_vain_not() -> None:
    told = [
        {"event": "display", "pid": 1}, {"event": "stage", "pid": 1, "stage": "load"},
        {"event": "display", "pid": 2}, {"event": "stage", "pid": 2, "stage": "plot"},  # before what it needs
        {"event": "display", "pid": 3},  # ended before its stage was
        {"event": "display", "pid": 5}, {"event": "stage", "pid": 5, "stage": "plot"},
        {"event": "stage", "pid": 4, "stage": "clean"},
    ]  # fmt: skip
    assert [one["pid"] for one in in_turn(told, ["load", "clean", "plot"])] == [1, 1, 4, 5, 5]
    assert in_turn(told, []) == told
