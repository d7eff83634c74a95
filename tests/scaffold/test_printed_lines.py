"""The comparer that a repository carries says the same as the proof, without nb2pipe."""

import subprocess
import sys
from pathlib import Path

import pytest
from notebook_files import write_notebook

from nb2pipe.cli import main

ASK = """
import sys
from pathlib import Path
sys.path.insert(0, "tools")
import printed_lines
record = printed_lines.recorded()
print(record.differences(printed_lines.printed(sys.executable, Path.cwd(), record)))
"""


@pytest.mark.slow
def test_repository_compares_with_the_proof(tmp_path: Path) -> None:
    (tmp_path / "nb").mkdir()
    # The first line is the same only where random numbers begin as they did in the proof; the second varies.
    notebook = write_notebook(
        tmp_path / "nb",
        "import random\nimport time\nprint('rolled', random.random())",
        "print('at', time.time_ns())",
        "total = 3\nprint('total', total)",
    )
    out = tmp_path / "out"
    words = ["--with", "environment", "--verify", "--modes", "in-process", "-q"]
    assert main(["scaffold", str(notebook), "-o", str(out), *words]) == 0
    assert said_in(out) == "[]"
    stage = next(path for path in (out / "nb/stages").glob("*.py") if "total = 3" in path.read_text())
    stage.write_text(
        stage.read_text().replace("total = 3", "total = 40")
    )  # of another size: compiled code may be as old
    assert said_in(out) == "[\"recorded: 'total 3', printed: 'total 40'\"]"


def said_in(repository: Path) -> str:
    """What differs, as the repository's own tool says it."""
    words = [sys.executable, "-c", ASK]
    done = subprocess.run(words, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
