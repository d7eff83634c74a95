"""`nb2pipe audit --fix`: what has one right answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from notebook_files import notebook, write_notebook

from nb2pipe.cli import main


def repaired(tmp_path: Path, *cells: str) -> list[dict[str, Any]]:
    """The cells of the repaired notebook."""
    target = tmp_path / "new.ipynb"
    assert main(["audit", str(write_notebook(tmp_path, *cells)), "--fix", "-o", str(target)]) == 0
    found = json.loads(target.read_text(encoding="utf-8"))["cells"]
    assert isinstance(found, list)
    return found


def test_cells_are_put_in_an_order_that_runs(tmp_path: Path) -> None:
    found = repaired(tmp_path, "print(x)", "#md ## Where x comes from", "x = 1")
    assert [cell["source"] for cell in found] == ["## Where x comes from", "x = 1", "print(x)"]
    assert [cell["id"] for cell in found] == ["c1", "c2", "c0"]


@pytest.mark.parametrize(
    ("cells", "source"),
    [
        (("import random", "x = random.random()"), "random.seed(0)\nx = random.random()"),
        (("import numpy as np", "x = np.random.rand()"), "np.random.seed(0)\nx = np.random.rand()"),
        (
            ("import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})", "df.sample(1)"),
            "import numpy\nnumpy.random.seed(0)\ndf.sample(1)",
        ),
    ],
)
def test_missing_seed_is_added(tmp_path: Path, cells: tuple[str, ...], source: str) -> None:
    assert repaired(tmp_path, *cells)[-1]["source"] == source


def test_path_of_a_file_beside_the_notebook(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("a\n1\n", encoding="utf-8")
    found = repaired(tmp_path, "text = open('/home/ann/project/data/a.csv').read()")
    assert found[0]["source"] == "text = open('data/a.csv').read()"


def test_outputs_that_became_untrue_are_dropped(tmp_path: Path) -> None:
    content: Any = notebook("import random\nx = random.random()", "print(x)", "print('fixed')")
    for number, cell in enumerate(content["cells"], 1):
        cell["execution_count"] = number
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "old"}]
    path, target = tmp_path / "nb.ipynb", tmp_path / "new.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    main(["audit", str(path), "--fix", "-o", str(target)])
    found = json.loads(target.read_text(encoding="utf-8"))["cells"]
    assert [bool(cell["outputs"]) for cell in found] == [False, False, True]


def test_nothing_to_repair_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_notebook(tmp_path, "x = 1", "print(x)")
    assert main(["audit", str(path), "--fix"]) == 0
    assert "nothing to repair" in capsys.readouterr().out
    assert [one.name for one in tmp_path.iterdir()] == ["nb.ipynb"]


def test_existing_file_is_not_replaced(tmp_path: Path) -> None:
    path = write_notebook(tmp_path, "print(x)", "x = 1")
    before = path.read_bytes()
    assert main(["audit", str(path), "--fix", "-o", str(path)]) == 2
    assert path.read_bytes() == before
