"""What a run adds to an audit: what the text claims is confirmed, and what only a run shows is found."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from audit_examples import read
from notebook_files import facts_of, write_notebook

from nb2pipe import analysis, audit, graph
from nb2pipe.analysis import Facts
from nb2pipe.audit.model import cells
from nb2pipe.execution import Failure, Seen
from nb2pipe.verification import Observed, SeenCell
from nb2pipe.workflows.audit_run import seen_in_run, stopped


def seen(facts: Facts, *cells: SeenCell) -> list[str]:
    """The findings that a run says something of: cell, name, and what it says."""
    found = audit.audit(graph.build(facts))
    run = Observed(cells, 3, next((one.failure for one in cells if one.failure), None))
    return [f"{one.spot.cell} {one.name}: {one.seen}" for one in seen_in_run(found, facts, run) if one.seen]


def did(reads: tuple[str, ...] = (), writes: tuple[str, ...] = ()) -> Seen:
    return Seen(0, 0.0, {}, reads, writes, ())


def apart(cell: int, varies: Any = "chance") -> SeenCell:
    return SeenCell(cell, varies=varies, parting=("a printed line", "1", "2"))


PARTED = "a printed line was 1 in one run, 2 in another"
CASES: list[tuple[tuple[str, ...], tuple[SeenCell, ...], list[str]]] = [
    (("import random", "print(random.random())"), (SeenCell(1), apart(2)), [f"2 unseeded-random: {PARTED}"]),
    (("import mine", "print(mine.draw())"), (SeenCell(1), apart(2)), [f"2 unseeded-random: {PARTED}"]),
    (("import mine", "print(mine.draw())"), (SeenCell(1), apart(2, "hash")),
     [f"2 depends-on-arbitrary-order: {PARTED}"]),
    (("import time", "print(round(time.time()))"), (SeenCell(1), apart(2)), [f"2 reads-clock: {PARTED}"]),
    (("import mine", "print(mine.draw())"), (SeenCell(1), SeenCell(2, varies="chance", parting=("a printed line", "at 21:04:05", "at 21:04:07"))),
     ["2 reads-clock: a printed line was at 21:04:05 in one run, at 21:04:07 in another"]),
    # What follows from a cell that is known to vary is no fault of its own.
    (("import random\nx = random.random()", "print(x)"), (apart(1), apart(2)), [f"1 unseeded-random: {PARTED}"]),
    (("print(x)", "x = 1"), (SeenCell(1, failure=Failure("NameError", "name 'x' is not defined", 1, 1)),),
     ["1 reads-later-cell: a clean run stops here: NameError: name 'x' is not defined"]),
    (("from mine import load, keep", "d = load('a.csv')", "keep(d, 'a.csv')"),
     (SeenCell(1), SeenCell(2, did=did(reads=("nb/a.csv",))), SeenCell(3, did=did(writes=("nb/a.csv",)))),
     ["3 overwrites-input-file: the run changed the file"]),
    # A file that the notebook made itself is nobody's input.
    (("from mine import load, keep", "keep(1, 'a.csv')", "d = load('a.csv')", "keep(d, 'a.csv')"),
     (SeenCell(1), SeenCell(2, did=did(writes=("a.csv",))), SeenCell(3, did=did(reads=("a.csv",))),
      SeenCell(4, did=did(writes=("a.csv",)))), []),
    (("a = 1", "print(a)"), (SeenCell(1), SeenCell(2, ("1",))), []),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "run", "wanted"), CASES)
def test_seen_in_run(cells: tuple[str, ...], run: tuple[SeenCell, ...], wanted: list[str]) -> None:
    assert seen(facts_of(*cells), *run) == wanted


OUTPUTS: list[tuple[Any, SeenCell, str]] = [
    ("3\n", SeenCell(1, ("4",)), "the saved output is '3', but a clean run prints '4'"),
    ("3\n", SeenCell(1, ()), "the saved output is '3', but a clean run prints nothing"),
    (("result", "3"), SeenCell(1, shown=({"text/plain": "4"},)), "the saved result is '3', but a clean run gives '4'"),
    ("3\n", SeenCell(1, ("3",)), ""),
    ("<f at 0x7f0000000001>\n", SeenCell(1, ("<f at 0x..>",)), ""),
    ("3\n", apart(1), ""),
    (("result", "a  b"), SeenCell(1, shown=({"text/plain": "a b"},)), ""),
    ("head\n0.57393\n", SeenCell(1, ("head", "0.57394")), "the saved output is '0.57393', but a clean run prints '0.57394'"),
    ("0.9573929037221873\n", SeenCell(1, ("0.9573929037221872",)), ""),
    (("result", "<Figure>"), SeenCell(1, shown=({"text/plain": "<Fig>", "image/png": ""},)), ""),
]  # fmt: skip


@pytest.mark.parametrize(("saved", "run", "message"), OUTPUTS)
def test_stale_outputs(saved: Any, run: SeenCell, message: str) -> None:
    facts = analysis.gather(read(cells("show()", out={1: saved})))
    found = [one.message for one in seen_in_run((), facts, Observed((run,), 3)) if one.code == "NB208"]
    assert found == ([message] if message else [])


def test_stopped() -> None:
    assert stopped(Observed((), 1)) == ""
    failure = Failure("KeyError", "'x'\nmore", 3, 2)
    assert stopped(Observed((), 1, failure)) == "a clean run stops in cell 3, line 2: KeyError: 'x'"


@pytest.mark.slow
def test_a_notebook_is_run(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("1", encoding="utf-8")
    notebook = write_notebook(
        tmp_path,
        "import random\nimport mine",
        "a = [1]\nb = a\ntext = mine.load('d.txt')",
        "b.append(2)\nmine.keep('d.txt', 'new')",
        "print(random.random())",
        "1 / 0",
    )
    helper = "def load(p):\n    return open(p).read()\ndef keep(p, t):\n    open(p, 'w').write(t)\n"
    (tmp_path / "mine.py").write_text(helper, encoding="utf-8")
    words = [sys.executable, "-m", "nb2pipe", "audit", "--run", str(notebook), "--format", "json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "a clean run stops in cell 5, line 1: ZeroDivisionError" in done.stderr
    assert (tmp_path / "d.txt").read_text(encoding="utf-8") == "1"
    told = json.loads(done.stdout)["notebooks"][0]
    assert {(one["cell"], one["name"]) for one in told["findings"] if "seen" in one} == {
        (3, "overwrites-input-file"),
        (4, "unseeded-random"),
    }
    assert told["run"]["failure"]["cell"] == 5
    kept = ("binds", "changes", "reads_files", "writes_files", "varies")
    assert [tuple(one[key] for key in kept) for one in told["run"]["cells"][1:4]] == [
        (["a", "b", "text"], [], ["d.txt"], [], ""),
        ([], ["a", "b"], [], ["d.txt"], ""),
        ([], [], [], [], "chance"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "options", "said"),
    [
        ("import os\nos._exit(3)", (), "the kernel died in cell 1"),
        ("while True:\n    pass", ("--timeout", "2"), "cell 1 took longer than 2 s"),
        ("pass", ("--python", "/there/is/no/python"), "there is no interpreter"),
    ],
)
def test_a_notebook_that_cannot_be_run(
    tmp_path: Path, cell: str, options: tuple[str, ...], said: str
) -> None:
    words = [sys.executable, "-m", "nb2pipe", "audit", "--run", str(write_notebook(tmp_path, cell)), *options]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_plan_of_a_run_tells_sizes(tmp_path: Path) -> None:
    cells = (
        "#md ## Make",
        "big = b'0123456789' * 200_000",
        "#md ## Use",
        "small = big[:3]\nprint(small)",
        "1 / 0",
    )
    words = [sys.executable, "-m", "nb2pipe", "plan", "--run", str(write_notebook(tmp_path, *cells))]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "# inputs: big (2 MB)" in done.stdout
    assert "a clean run stops in cell 3, line 1: ZeroDivisionError" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["nb.ipynb"]
