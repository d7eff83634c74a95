"""States that other programs can read: arrays as npy, frames as parquet, only where they come back exactly."""

import json
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest
from runtime_projects import MakeProject, Project

# What makes x, and whether it lies in a file of its own.
ARRAYS = {
    "rows": ("x = numpy.ones((2, 3))", True),
    "columns": ("x = numpy.asfortranarray(numpy.arange(6.0).reshape(2, 3))", True),
    "other order": ("x = numpy.arange(24).reshape(2, 3, 4).transpose(1, 2, 0).copy(order='K')", True),
    "fixed": ("x = numpy.ones(2); x.flags.writeable = False", True),
    "big end": ("x = numpy.array([1, 2], '>i4')", True),
    "moments": ("x = numpy.array(['2020-01-01', 'NaT'], 'M8[D]')", True),
    "sign of no number": ("x = -numpy.array([numpy.nan, 1.0])", True),
    "text": ("x = numpy.array(['a', 'bb'])", True),
    "view": ("x = numpy.arange(6)[::2]", False),
    "objects": ("x = numpy.array([1, 'a', None], object)", False),
    "one number": ("x = numpy.array(3)", False),
    "records": ("x = numpy.zeros(2, [('a', int), ('b', float)])", False),
}
# The same with pandas: the third says whether before and since copy on write.
FRAMES = {
    "numbers": ("x = pandas.DataFrame({'a': [1, 2], 'b': [0.5, -0.0], 'c': [True, False]})", "both"),
    "sign of no number": ("x = pandas.DataFrame({'a': -numpy.array([1.0, numpy.nan])})", "both"),
    "text": ("x = pandas.DataFrame({'t': pandas.Series(['a', 'é', 'a'], dtype=object)})", "both"),
    "text, nan": ("x = pandas.DataFrame({'t': pandas.Series(['a', numpy.nan], dtype=object)})", "both"),
    "text, None": ("x = pandas.DataFrame({'t': pandas.Series(['a', None], dtype=object)})", "both"),
    "text, both": ("x = pandas.DataFrame({'t': pandas.Series([None, numpy.nan], dtype=object)})", "none"),
    "lone surrogate": ("x = pandas.DataFrame({'t': pandas.Series(['\\ud800'], dtype=object)})", "none"),
    "objects": ("x = pandas.DataFrame({'t': pandas.Series([{'k': 1}, [2]], dtype=object)})", "none"),
    "moments": ("x = pandas.DataFrame({'t': numpy.array(['2020-01-01', 'NaT'], 'M8[s]')})", "both"),
    "spans": ("x = pandas.DataFrame({'d': pandas.to_timedelta([1, None], unit='s')})", "both"),
    "zones": ("x = pandas.DataFrame({'t': pandas.to_datetime(['2020-01-01'], utc=True), 'n': [1]})", "both"),
    "categories": ("x = pandas.DataFrame({'t': pandas.Categorical(['a', 'b']), 'n': [1, 2]})", "both"),
    "may lack": ("x = pandas.DataFrame({'t': pandas.array([1, None], dtype='Int64'), 'n': [1, 2]})", "both"),
    "labels of rows": ("x = pandas.DataFrame({'a': [1, 2]}, index=pandas.Index([.5, 1], name='i'))", "both"),
    "part of rows": ("x = pandas.DataFrame({'a': range(9), 'b': range(9)})[::2]", "since"),
    "in columns": ("x = pandas.DataFrame(numpy.asfortranarray(numpy.eye(3)), columns=list('abc'))", "both"),
    "numbers as labels": ("x = pandas.DataFrame(numpy.eye(3))", "none"),
    "label twice": ("x = pandas.DataFrame([[1, 2]], columns=['a', 'a'])", "none"),
    "attributes": ("x = pandas.DataFrame({'a': [1]}); x.attrs['k'] = {1, 2}", "both"),
    "small numbers": ("x = pandas.DataFrame({'a': numpy.float32([1.5]), 'b': numpy.uint8([3])})", "both"),
    "complex": ("x = pandas.DataFrame({'a': [1j]})", "none"),
    "three blocks": ("x = pandas.DataFrame({'a': [1, 2]}); x['b'] = [3, 4]; x['c'] = [0.5, 0.5]", "both"),
    "no rows": ("x = pandas.DataFrame({'a': [1, 2]})[:0].copy()", "both"),
    "column": ("x = pandas.Series([1.5, 2.5], name='s')", "both"),
    "column without name": ("x = pandas.Series(['a', 'b'], dtype=object)", "both"),
}  # fmt: skip
LOOK = """
def told(x):
    if isinstance(x, numpy.ndarray):
        cells = x.tolist() if x.dtype.hasobject else x.tobytes()
        return str(x.dtype), x.shape, x.strides, x.flags.writeable, ascii(cells)
    blocks = [getattr(one.values, "_ndarray", one.values) for one in x._mgr.blocks]
    shown = [told(one) if isinstance(one, numpy.ndarray) else ascii(str(one)) for one in blocks]
    places = [one.mgr_locs.as_array.tolist() for one in x._mgr.blocks]
    return shown, places, [ascii(one) for one in x._mgr.axes], x.attrs, getattr(x, "name", "")
for name in NAMES:
    x = globals()[name]
    print(name, type(x).__name__, told(x))
    if type(x).__name__ == "DataFrame" and len(x):
        x.iloc[0, 0] = x.iloc[-1, 0]  # it can be changed as before
        print(told(x))
"""


def project_of(scripts: MakeProject, codes: list[str], first: str) -> Project:
    """A stage that makes all of them, each under a name of its own, and one that looks at them."""
    names = [f"x{number}" for number in range(len(codes))]
    make = "\n".join(f"{code}\n{name} = x\ndel x" for name, code in zip(names, codes, strict=True))
    return scripts(f"{first}\n{make}", f"{first}{LOOK.replace('NAMES', repr(names))}", names=names)


def stored(project: Project, python: str, *options: str) -> tuple[str, dict[str, list[str]]]:
    """What both stages print, and the files that each name has besides the pickle."""
    store = project.folder / "-".join(["store", *options])
    printed = ""
    for stage in ("cell_1", "cell_2"):
        words = [python, "-m", "demo", "stage", stage, "--store", str(store), *options]
        done = subprocess.run(words, cwd=project.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        printed += done.stdout
    groups = json.loads((store / "001-cell_1.json").read_text())["groups"]
    return printed, {name: group.get("data", []) for group in groups for name in group["names"]}


def test_arrays_lie_in_files_of_numpy(scripts: MakeProject) -> None:
    cases = [*ARRAYS.values(), ("y = numpy.arange(3); x = y; z = (y,)", True)]
    project = project_of(scripts, [code for code, _ in cases], "import numpy")
    as_run = project.run("run").stdout
    closed, none = stored(project, sys.executable)
    printed, data = stored(project, sys.executable, "--open")
    assert as_run == closed == printed != ""
    assert not any(none.values())
    assert [bool(data[f"x{number}"]) for number in range(len(cases))] == [is_open for _, is_open in cases]
    array = np.load(project.folder / "store---open" / data["x1"][0])
    assert array.tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]


def test_frames_that_share_nothing_lie_apart(scripts: MakeProject) -> None:
    make = "import numpy, pandas\na = pandas.DataFrame({'n': [1]})\nb = pandas.DataFrame({'m': [numpy.nan]})\nc = a[:1]"
    project = scripts(make, "c.columns.name = 'k'; print(a, b, c)", names=["a", "b", "c"])
    assert project.run("run", "--isolated").stdout == project.run("run").stdout
    (state,) = project.folder.glob("runs/*/store/001-cell_1.json")
    groups = [set(one["names"]) for one in json.loads(state.read_text())["groups"]]
    assert {"b"} in groups


@pytest.fixture(scope="module", params=["pandas<3", "pandas>=3"])
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """An interpreter with pandas and pyarrow, and whether that is before or since copy on write."""
    folder = tmp_path_factory.mktemp("arrow")
    venv.create(folder, with_pip=True)
    exe = str(folder / "bin" / "python")
    subprocess.run([exe, "-m", "pip", "install", "-q", "pyarrow", request.param], check=True)
    return exe, "before" if request.param == "pandas<3" else "since"


READ = """
import sys, pandas
for path in sys.argv[1:]:
    print(pandas.read_parquet(path).to_dict("list"))
"""


@pytest.mark.slow
def test_frames_lie_in_parquet(scripts: MakeProject, python: tuple[str, str]) -> None:
    exe, when = python
    codes = [code for code, _ in FRAMES.values()]
    first = "import numpy, pandas, warnings\nwarnings.simplefilter('ignore')"
    project = project_of(scripts, codes, first)
    closed, none = stored(project, exe)
    printed, data = stored(project, exe, "--open")
    assert printed == closed != ""
    assert not any(none.values())
    found = {name: bool(data[f"x{number}"]) for number, name in enumerate(FRAMES)}
    assert found == {name: which in ("both", when) for name, (_, which) in FRAMES.items()}
    paths = [str(project.folder / "store---open" / data[name][0]) for name in ("x0", "x2")]
    shown = subprocess.run([exe, "-c", READ, *paths], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines() == [
        "{'a': [1, 2], 'b': [0.5, -0.0], 'c': [True, False]}",
        "{'t': ['a', 'é', 'a']}",
    ]


def test_folder_of_an_earlier_run_is_written_anew(scripts: MakeProject, tmp_path: Path) -> None:
    project = scripts("import numpy\na = numpy.arange(3)", "print(a)", names=["a"])
    words = "--store", str(tmp_path / "store"), "--open"
    assert project.run("stage", "cell_1", *words).returncode == 0
    code = project.folder / "demo" / "stages" / "cell_1.py"
    code.write_text("import numpy\na = numpy.arange(9)[::2]\n")
    assert project.run("stage", "cell_1", *words).returncode == 0
    assert project.run("stage", "cell_2", *words).stdout == "[0 2 4 6 8]\n"
    state = json.loads((tmp_path / "store" / "001-cell_1.json").read_text())
    assert not any("data" in group for group in state["groups"])
