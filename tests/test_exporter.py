"""`jupyter nbconvert --to nb2pipe` writes the same project."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from notebook_files import write_notebook


@pytest.mark.slow
def test_nbconvert_writes_the_project(tmp_path: Path) -> None:
    path = write_notebook(tmp_path, "x = 2", "y = x * 21\nprint(y)", name="answer.ipynb")
    out = tmp_path / "out"
    words = [sys.executable, "-m", "nbconvert", "--to", "nb2pipe", str(path), "--output-dir", str(out)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (out / "answer.py").read_bytes() == (out / "answer" / "pipeline.py").read_bytes()
    env = {**os.environ, "PYTHONPATH": str(out)}
    run = subprocess.run(
        [sys.executable, "-m", "answer", "run"], env=env, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "42\n"), run.stderr
