"""What the observed run of a repository finds: which estimator is served, and where its rows enter."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from notebook_files import write_notebook

from nb2pipe.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def rows() -> ModuleType:
    path = ROOT / "templates/scaffold/observing/package/observing/rows.py"
    spec = importlib.util.spec_from_file_location("rows_of_a_repository", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame({"a": [1.5, None], "b": [1, 2], "c": ["x", None], "d": [True, False]}),
        pd.DataFrame({"kind": pd.Categorical(["u", "v"]), "at": pd.to_datetime(["2024-01-01", None])}),
        pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "s": pd.array(["a", None], dtype="string")}),
        pd.DataFrame({0: [1, 2], "odd name\n": [2.5, 3.5]}),
        pd.Series(["a", "b"], name="text"),
        np.array([[1, 2], [3, 4]]),
        np.array([[1.5, 2], [3, 4]], dtype="float32"),
        ["a text", "another"],
        [[1.5, 2.0], [3.0, 4.0]],
    ],
)
def test_rows_come_back_as_they_were(rows: Any, data: Any) -> None:
    shape = rows.shape_of(data)
    told = json.loads(json.dumps([rows.to_rows(data, shape), shape.as_json()]))
    back = rows.from_rows(told[0], rows.shape_from(told[1]))
    if hasattr(data, "equals"):
        assert back.equals(data)
    else:
        assert np.array_equal(back, data)
        assert getattr(back, "dtype", None) == getattr(data, "dtype", getattr(back, "dtype", None))


@pytest.mark.parametrize(
    "data", [pd.DataFrame({"a": [1, "x"]}), pd.DataFrame({"a": [[1], [2]]}), object(), []]
)
def test_what_cannot_be_sent_is_said(rows: Any, data: Any) -> None:
    with pytest.raises(TypeError):
        rows.shape_of(data)


LOAD = "import pandas as pd\ndf = pd.DataFrame({'size': range(60), 'kind': ['a', 'b', 'c'] * 20})\ndf['y'] = df['size'] % 2"
SPLIT = (
    "#md ## Train",
    (
        "from sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import train_test_split\n"
        "a, b, c, d = train_test_split(X, y, random_state=0)\n"
        "model = LogisticRegression().fit(a, c)\nprint(model.score(b, d))"
    ),
)
ROWWISE = ("#md ## Features", "X, y = df[['size']] * 2.0, df['y']\nX['is_a'] = df['kind'] == 'a'")
BY_LABEL = ("#md ## Features", "X, y = df[['size']] * 2.0, df['y']\nX['mean'] = df['y'] * 3.0")
OVER_ALL = ("#md ## Features", "X, y = df[['size']] - df['size'].mean(), df['y']")
TWO = (
    "#md ## Train",
    (
        "from sklearn.linear_model import LogisticRegression\nfrom sklearn.tree import DecisionTreeClassifier\n"
        "models = {'line': LogisticRegression(), 'tree': DecisionTreeClassifier(random_state=0)}\n"
        "for one in models.values():\n    one.fit(X, y)"
    ),
    "#md ## Judge",
    "scores = {name: one.score(X, y) for name, one in models.items()}\nbest = max(scores, key=scores.get)\nprint(scores[best])",
)
SCALED = (
    "#md ## Train",
    "from sklearn.linear_model import Ridge\nfrom sklearn.preprocessing import StandardScaler\nscaler = StandardScaler().fit(X)\nZ = scaler.transform(X)\nmodel = Ridge().fit(Z, y)\nprint(model.predict(Z).mean().round(2))",
)


FIT = (
    "import numpy as np\nfrom sklearn.linear_model import LogisticRegression\n"
    "from sklearn.metrics import accuracy_score\nfrom sklearn.model_selection import train_test_split\n"
    "a, b, c, d = train_test_split(X, y, random_state=0)\n"
    "model = LogisticRegression().fit(a, c)\nfound = model.predict(b)"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("judged", "is_held_out", "rows"),
    [
        ("print(accuracy_score(d, found))", True, 15),
        ("print(accuracy_score(found, d))", True, 15),  # in the other order
        ("print(model.score(b, d))", True, 15),
        (
            "print(accuracy_score(d, found))\ngrid = model.predict(np.zeros((900, 1)))",
            True,
            15,
        ),  # to be drawn
        ("print((found == d).mean())", False, 45),  # by no function of metrics: the rows of the fit
    ],
)
def test_rows_of_the_exam_are_those_that_were_judged(
    judged: str, is_held_out: bool, rows: int, tmp_path: Path
) -> None:
    notebook = write_notebook(tmp_path, LOAD, *OVER_ALL, FIT, judged)
    target = tmp_path / "out"
    words = ["scaffold", str(notebook), "-o", str(target), "--with", "evaluation", "--static", "-q"]
    assert main(words) == 0
    script = (
        "import json\nfrom nb.observing import running\nfrom nb.evaluating import examining\n"
        "asked = examining.exam_of(running.run(borders=True))\nprint(json.dumps([asked.is_held_out, len(asked.rows)]))"
    )
    assert json.loads(last_line(script, target)) == [is_held_out, rows]


def last_line(script: str, folder: Path) -> str:
    """What a script prints last in a repository."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=folder,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "name", "columns", "chain"),
    [
        ((LOAD, *ROWWISE, *SPLIT), "model", ["size", "kind"], 0),  # rows enter before the features
        ((LOAD, *BY_LABEL, *SPLIT), "model", ["size", "mean"], 0),  # no request has the label
        ((LOAD, *OVER_ALL, *SPLIT), "model", ["size"], 0),  # a mean over all rows is in the way
        ((LOAD, *OVER_ALL, *TWO), "models[best]", ["size"], 0),
        ((LOAD, *OVER_ALL, *SCALED), "model", ["size"], 1),
        ((LOAD, *OVER_ALL, *SPLIT, "len(Out)"), "model", ["size"], 0),  # the notebook is one IPython session
    ],
)
def test_rows_enter_as_early_as_they_replay(
    cells: tuple[str, ...], name: str, columns: list[str], chain: int, tmp_path: Path
) -> None:
    notebook = write_notebook(tmp_path, "#md ## Load", *cells)
    target = tmp_path / "out"
    assert main(["scaffold", str(notebook), "-o", str(target), "--with", "registry", "-q"]) == 0
    script = (
        "import json\nfrom nb.observing import replaying, running, served\n"
        "seen = running.run(borders=True)\nchosen = served.find(seen)\nfound = replaying.earliest(seen, chosen)\n"
        "print(json.dumps([chosen.name, list(found.given.columns), len(chosen.chain)]))"
    )
    assert json.loads(last_line(script, target)) == [name, columns, chain]
