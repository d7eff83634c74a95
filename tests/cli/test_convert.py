"""The command line: what it writes, what it refuses, and that it leaves nothing half-written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from notebook_files import write_notebook

from nb2pipe.cli import main

CHURN = (
    "#md # Tiny",
    "SIZE = 3",
    "#md ## Load",
    "rows = list(range(SIZE))\nrows",
    "#md ## Use",
    "print(sum(rows))",
)


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    package = next(path.parent.name for path in project.glob("*/__main__.py"))
    return subprocess.run(
        [sys.executable, "-m", package, *arguments], cwd=project, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("how", [[], ["--isolated"]])
def test_pipeline_prints_what_the_notebook_prints(tmp_path: Path, how: list[str]) -> None:
    assert main(["convert", str(write_notebook(tmp_path, *CHURN)), "-o", str(tmp_path / "out"), "-q"]) == 0
    done = run(tmp_path / "out", "run", *how)
    assert (done.returncode, done.stdout) == (0, "3\n"), done.stderr
    assert run(tmp_path / "out", "run", "--set", "SIZE=4", *how).stdout == "6\n"


def test_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    path = write_notebook(tmp_path, *CHURN)
    for name in ("one", "two"):
        assert main(["convert", str(path), "-o", str(tmp_path / name), "-q"]) == 0
    first, second = (
        {
            file.relative_to(tmp_path / name): file.read_bytes()
            for file in (tmp_path / name).rglob("*")
            if file.is_file()
        }
        for name in ("one", "two")
    )
    assert first == second


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 2),
        ("[]", 2),
        ("", 2),
        ('{"nbformat": 2, "worksheets": []}', 2),
        (
            '{"cells": [], "metadata": {"kernelspec": {"language": "R", "name": "ir"}}, "nbformat": 4, "nbformat_minor": 5}',
            2,
        ),
        ('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', 3),
    ],
)
def test_bad_input_gets_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int
) -> None:
    path = tmp_path / "bad.ipynb"
    path.write_text(text, encoding="utf-8")
    assert main(["convert", str(path), "-o", str(tmp_path / "out")]) == code
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    path = write_notebook(tmp_path, *CHURN)
    assert main(["convert", str(path), "-o", str(tmp_path)]) == 2
    target = tmp_path / "out"
    target.mkdir()
    (target / "mine.txt").write_text("mine")
    assert main(["convert", str(path), "-o", str(target)]) == 2
    assert main(["convert", str(path), "-o", str(target), "--force"]) == 2
    assert [file.name for file in target.iterdir()] == ["mine.txt"]


def test_edited_project_stops_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, target = write_notebook(tmp_path, *CHURN), tmp_path / "out"
    assert main(["convert", str(path), "-o", str(target), "-q"]) == 0
    assert main(["convert", str(path), "-o", str(target), "-q", "--force"]) == 0
    (target / "params.yaml").write_text("SIZE: 9\n")
    assert main(["convert", str(path), "-o", str(target), "-q", "--force"]) == 2
    assert "params.yaml" in capsys.readouterr().err


def test_plan_is_edited_and_taken(tmp_path: Path) -> None:
    path, plan_file = write_notebook(tmp_path, *CHURN), tmp_path / "plan.toml"
    assert main(["plan", str(path), "-o", str(plan_file)]) == 0
    text = plan_file.read_text(encoding="utf-8")
    first = text.split('[[stage]]\nname = "')[1].split('"')[0]
    plan_file.write_text(text.replace(f'"{first}"', '"begin"', 1), encoding="utf-8")
    assert main(["convert", str(path), "-o", str(tmp_path / "out"), "--plan", str(plan_file), "-q"]) == 0
    stages = json.loads(run(tmp_path / "out", "graph", "--format", "json").stdout)["stages"]
    assert stages[0]["name"] == "begin"


def test_folder_is_converted_and_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in"
    source.mkdir()
    write_notebook(source, *CHURN, name="good.ipynb")
    (source / "bad.ipynb").write_text("{")
    assert main(["convert", str(source), "-o", str(tmp_path / "out")]) == 0
    assert "1 converted, 1 unreadable" in capsys.readouterr().out
    assert main(["convert", str(source), "-o", str(tmp_path / "out")]) == 0
    assert "1 unchanged, 1 unreadable" in capsys.readouterr().out


EDITS = [
    ('name = "data_csv"', 'name = "where"', 0, "where"),
    ('[[parameter]]\nname = "data_csv"  # \'data.csv\'\nat = "cell 2, line 1, column 18"\n', "", 0, ""),
    ('name = "SIZE"', 'name = "LENGTH"', 3, "it is a variable of the notebook"),
    ('name = "data_csv"', 'name = "print"', 3, "has a meaning already"),
    ("column 18", "column 19", 3, "nothing there can be one"),
    ("cells = [1, 2]", "cells = [2, 1]", 3, "cell 2 where cell 1 runs"),
    ("cells = [1, 2]", "cells = [1]", 3, "cell 3 where cell 2 runs"),
    ("cells = [1, 2]", "cells = [1, 1]", 2, "stands in two stages"),
    ("keep = []", 'keep = ["nothing"]', 3, "never binds"),
    ("keep = []", 'keep = "df"', 2, "list of names"),
    ("keep = []", 'keep = ["rows"]', 0, ""),
    ("package =", "packages =", 2, "unknown key 'packages'"),
    ('name = "SIZE"', 'name = "a b"', 2, "Python identifier"),
]


@pytest.mark.parametrize(("old", "new", "code", "words"), EDITS)
def test_edited_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, code: int, words: str
) -> None:
    cells = [
        "import pandas as pd\nSIZE = 2",
        'df = pd.read_csv("data.csv")',
        "rows = df.head(SIZE)",
        "print(len(rows))",
    ]
    path, plan_file = write_notebook(tmp_path, *cells), tmp_path / "plan.toml"
    assert main(["plan", str(path), "-o", str(plan_file)]) == 0
    text = plan_file.read_text(encoding="utf-8")
    stages = text[: text.index("[[stage]]")] + STAGES
    assert old in stages
    plan_file.write_text(stages.replace(old, new, 1), encoding="utf-8")
    target = tmp_path / "out"
    assert main(["convert", str(path), "-o", str(target), "--plan", str(plan_file), "-q"]) == code
    said = capsys.readouterr().err + ((target / "params.yaml").read_text() if target.exists() else "")
    assert words in said


STAGES = '[[stage]]\nname = "load"\ncells = [1, 2]\n\n[[stage]]\nname = "show"\ncells = [3, 4]\n'
