"""Small projects, written by hand as nb2pipe writes them: each prints the same however it runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from runtime_projects import PROJECTS, Project

NAMES = sorted(path.name for path in PROJECTS.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", [[], ["--isolated"]], ids=["in one process", "isolated"])
def test_project_prints_what_the_notebook_prints(
    example: Callable[[str], Project], name: str, options: list[str]
) -> None:
    done = example(name).run("run", *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.replace("\r\n", "\n") == (PROJECTS / name / "expected.txt").read_text()


def test_stage_by_stage_prints_the_same(example: Callable[[str], Project]) -> None:
    project = example("churn")
    stages = [project.run("stage", name, "--store", "kept") for name in ("load", "clean", "odd", "report")]
    assert [done.returncode for done in stages] == [0, 0, 0, 0]
    assert "".join(done.stdout for done in stages) == (PROJECTS / "churn" / "expected.txt").read_text()


def test_stage_out_of_turn_is_wrong_usage(example: Callable[[str], Project]) -> None:
    done = example("churn").run("stage", "clean", "--store", "kept")
    assert done.returncode == 2
    assert "load" in done.stderr


def test_runs_write_nothing_beside_the_data(example: Callable[[str], Project]) -> None:
    project = example("churn")
    project.run("run")
    project.run("run", "--isolated")
    assert list(project.data.iterdir()) == []
    shown = sorted(path.name for path in Path(project.folder).glob("runs/*/displays/*"))
    assert shown == ["0001.txt", "0001.txt"]


def test_stage_by_stage_with_a_store_at_a_url(example: Callable[[str], Project], tmp_path: Path) -> None:
    project = example("churn")
    url = (tmp_path / "far" / "run").as_uri()
    stages = [project.run("stage", name, "--store", url) for name in ("load", "clean", "odd", "report")]
    assert [one.returncode for one in stages] == [0, 0, 0, 0], [one.stderr for one in stages]
    assert "".join(one.stdout for one in stages) == (PROJECTS / "churn" / "expected.txt").read_text()
    assert (tmp_path / "far" / "run" / "003-odd.json").is_file()
    assert not list(project.data.iterdir())


def test_store_at_a_url_that_nobody_knows(example: Callable[[str], Project]) -> None:
    done = example("churn").run("stage", "load", "--store", "nowhere://bucket")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1
