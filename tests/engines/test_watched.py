"""A stage that an engine starts although nothing of it has changed ends at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from notebook_files import write_notebook

from nb2pipe.cli import main

CELLS = (
    "#md # Parts",
    "import random\nrandom.seed(1)\nFEE = 2",
    "#md ## First",
    "one = FEE + 1\nprint(one)",
    "#md ## Second",
    "print(one * 2)",
)


def run(project: Path, stage: str) -> str:
    """Run a stage as DVC and Snakemake do; what it printed."""
    words = [sys.executable, "-m", "parts.engine", stage, "--run", "runs/here", "--watch"]
    done = subprocess.run(words, cwd=project, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("FEE + 1", "1 + FEE", ["3\n", ""]),
        ("FEE + 1", "FEE + 2", ["4\n", "8\n"]),
    ],
)
def test_what_runs_after_an_edit(tmp_path: Path, old: str, new: str, again: list[str]) -> None:
    project = tmp_path / "out"
    notebook = write_notebook(tmp_path, *CELLS, name="parts.ipynb")
    assert main(["convert", str(notebook), "-o", str(project), "-q", "--engine", "dvc"]) == 0
    assert [run(project, name) for name in ("first", "second")] == ["3\n", "6\n"]
    for path in (project / "parts" / "stages").glob("*.py"):
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    assert [run(project, name) for name in ("first", "second")] == again
