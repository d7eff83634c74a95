"""The adapters' files: they are valid, say nothing of what a notebook says, and leave edited files alone."""

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from notebook_files import write_notebook

from nb2pipe import engines
from nb2pipe.cli import main

CELLS = (
    "#md # Tiny",
    "import random\nrandom.seed(3)\nSIZE = 3",
    "#md ## Load",
    "rows = [random.random() for _ in range(SIZE)]\nalias = rows\nprint(len(rows))",
    "#md ## Change",
    "alias.append(1.0)\nprint(sum(rows))",
    "#md ## Draw",
    "print(random.random(), rows[-1])",
)
ENGINES = list(engines.engines())
HOSTILE = engines.definition_of(
    '''"""Odd {{ 7 * 7 }} ${vars} \\n\\u2028end: "x" # {% raw %}"""
PIPELINE = Pipeline(package="odd", parameters={"n": 1, "text": "a'b\\n${x} {y}: # {{ z }}", "share": 1e-05,
    "on": True, "none": None}, constants=["n"], stages=[
    Stage("one", cells=[1], params=["n"], outputs=["x"]),
    Stage("two", kind="script", cells=[2, 3], inputs=["x"], params=["text", "share", "on", "none"])])
''',
    "../a 'b\"\n${c}",
    '{"stages": [{"stage": "two", "memory_mb": 1000.5, "seconds": 90, "bytes": 1}]}',
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A converted project, with no adapter yet."""
    assert (
        main(
            [
                "convert",
                str(write_notebook(tmp_path, *CELLS, name="tiny.ipynb")),
                "-o",
                str(tmp_path / "out"),
                "-q",
            ]
        )
        == 0
    )
    return tmp_path / "out"


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ENGINES)
def test_adapter_is_valid_whatever_the_notebook_says(name: str) -> None:
    adapter = engines.engine_named(name)
    tree = adapter.files(adapter.ENGINE, HOSTILE)
    for path, text in tree.items():
        if path.endswith(".py"):
            ast.parse(text)
        elif path.endswith((".yaml", ".yml")):
            list(yaml.safe_load_all(text))
        assert "{% raw" not in text.replace("# {% raw %}", "") or path.endswith(".py"), path


@pytest.mark.parametrize("name", ENGINES)
def test_adapter_is_short_enough_to_be_read(name: str) -> None:
    adapter = engines.engine_named(name)
    tree = adapter.files(adapter.ENGINE, HOSTILE)
    lines = [line for path, text in tree.items() if not path.startswith("odd/") for line in text.splitlines()]
    assert len(lines) < 80


def proof_of(**more: object) -> str:
    """A proof.json in which the stage `two` was seen to take this."""
    return json.dumps({"stages": [{"stage": "two", "memory_mb": 80.0, "seconds": 2.0, "bytes": 9, **more}]})


@pytest.mark.parametrize(
    ("proof", "asked"),
    [
        ("", {}),
        ("no json", {}),
        ('{"stages": [{"name": "of another version"}]}', {}),
        (proof_of(stage="gone"), {}),
        (proof_of(), {"two": {"memory_mb": 256, "seconds": 600}}),
        (proof_of(memory_mb=1000.5), {"two": {"memory_mb": 1536, "seconds": 600}}),
        (proof_of(seconds=61.5), {"two": {"memory_mb": 256, "seconds": 615}}),
        (proof_of(memory_mb=0.0), {"two": {"seconds": 600}}),  # nobody knew how much it took
    ],
)
def test_what_a_proof_saw_is_asked_for(proof: str, asked: dict[str, dict[str, int]]) -> None:
    text = 'PIPELINE = Pipeline(package="p", stages=[Stage("one"), Stage("two")])'
    assert engines.definition_of(text, ".", proof).resources == asked


ASKED = {
    "actions": "timeout-minutes: 15",
    "argo": '\\"memory\\": \\"1536Mi\\"',
    "metaflow": '@timeout(seconds=engine.seconds("two"))',
}


@pytest.mark.parametrize(("name", "line"), ASKED.items())
@pytest.mark.parametrize("is_proved", [True, False])
def test_manifest_asks_only_for_what_was_seen(name: str, line: str, is_proved: bool) -> None:
    proved = replace(HOSTILE, resources={"two": {"memory_mb": 1536, "seconds": 900}} if is_proved else {})
    adapter = engines.engine_named(name)
    text = "".join(adapter.files(adapter.ENGINE, proved).values())
    assert (line in text) is is_proved


@pytest.mark.parametrize("name", ENGINES)
def test_added_and_removed_leaves_the_project_as_it_was(project: Path, name: str) -> None:
    before = {path: (project / path).read_bytes() for path in files_of(project)}
    assert main(["engine", "add", name, "--project", str(project), "-q"]) == 0
    assert main(["engine", "add", name, "--project", str(project), "-q"]) == 0
    lock = json.loads((project / "nb2pipe.lock").read_text())
    added = files_of(project) - before.keys()
    assert added == set(lock["engines"][name])
    assert added <= lock["files"].keys()
    assert main(["engine", "remove", name, "--project", str(project), "-q"]) == 0
    assert {path: (project / path).read_bytes() for path in files_of(project)} == before
    assert not (project / "engines").exists()


def test_edited_file_is_neither_replaced_nor_removed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["engine", "add", "dvc", "--project", str(project), "-q"]) == 0
    edited = project / "engines" / "dvc" / "dvc.yaml"
    edited.write_text("mine: true\n")
    assert main(["engine", "add", "dvc", "--project", str(project)]) == 2
    assert "dvc.yaml" in capsys.readouterr().err
    assert main(["engine", "remove", "dvc", "--project", str(project)]) == 0
    assert "kept engines/dvc/dvc.yaml" in capsys.readouterr().out
    assert edited.read_text() == "mine: true\n"
    assert not (project / "tiny" / "engine.py").exists()


def test_file_that_two_adapters_need_stays_with_the_second(project: Path) -> None:
    for name in ("dvc", "prefect"):
        assert main(["engine", "add", name, "--project", str(project), "-q"]) == 0
    assert main(["engine", "remove", "dvc", "--project", str(project), "-q"]) == 0
    assert (project / "tiny" / "engine.py").is_file()


def test_lock_that_points_outside_removes_nothing(project: Path) -> None:
    assert main(["engine", "add", "dvc", "--project", str(project), "-q"]) == 0
    outside = project.parent / "tiny.ipynb"
    lock = json.loads((project / "nb2pipe.lock").read_text())
    lock["engines"]["dvc"] = ["../tiny.ipynb"]
    (project / "nb2pipe.lock").write_text(json.dumps(lock))
    assert main(["engine", "remove", "dvc", "--project", str(project)]) == 2
    assert outside.is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["engine", "add", "nosuch"], "there are: "),
        (["engine", "remove", "dvc"], "no adapter for 'dvc'"),
        (["engine", "add", "prefect", "--python", sys.executable], "pip install 'prefect"),
    ],
)
def test_refusal_is_one_sentence(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    before = files_of(project)
    assert main([*arguments, "--project", str(project)]) in (2, 4)
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line
    assert files_of(project) == before


def test_stage_by_stage_prints_what_the_run_prints(tmp_path: Path) -> None:
    notebook, out = write_notebook(tmp_path, *CELLS, name="tiny.ipynb"), tmp_path / "out"
    assert main(["convert", str(notebook), "-o", str(out), "-q", "--engine", "dvc"]) == 0
    expected = run(out, "-m", "tiny", "run", "--set", "SIZE=5").stdout
    stages = json.loads(run(out, "-m", "tiny", "graph", "--format", "json").stdout)["stages"]
    printed = [
        run(out, "-m", "tiny.engine", one["name"], "--run", "here", "--set", "SIZE=5").stdout
        for one in stages
    ]
    assert len(stages) > 2
    assert "".join(printed) == expected
    kept = sorted((out / "here" / "stdout").iterdir())
    assert "".join(path.read_text() for path in kept) == expected


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [("", "True []"), ("print('a.csv: n is int64', file=sys.stderr); sys.exit(1)", "n is int64")],
)
def test_contracts_of_the_repository_are_checked(project: Path, code: str, told: str) -> None:
    assert main(["engine", "add", "dagster", "--project", str(project), "-q"]) == 0
    ask = "from tiny import engine; print(engine.has_contracts(), engine.broken_contracts())"
    assert run(project, "-c", "from tiny import engine; print(engine.has_contracts())").stdout == "False\n"
    (project / "tiny" / "contracts").mkdir()
    (project / "tiny" / "contracts" / "__main__.py").write_text(f"import sys\n{code}\n")
    assert told in run(project, "-c", ask).stdout


def test_report_holds_what_a_stage_shows(tmp_path: Path) -> None:
    cells = (
        "#md # Show",
        "import numpy\nsquares = numpy.arange(6).reshape(2, 3) ** 2\nsquares",
        "#md ## Draw",
        "import matplotlib.pyplot as plt\nplt.plot(squares[0])\nplt.show()",
    )
    notebook, out = write_notebook(tmp_path, *cells, name="tiny.ipynb"), tmp_path / "out"
    assert main(["convert", str(notebook), "-o", str(out), "-q", "--engine", "dask"]) == 0
    code = (
        "from tiny import engine\nfor one in engine.PIPELINE.stages:\n"
        "    print(engine.report(engine.run_stage(one.name, 'here'), 'here'))"
    )
    report = run(out, "-c", code).stdout
    assert "| squares | 2 x 3 |" in report
    assert "    array([[ 0,  1,  4]," in report
    assert report.count("![figure](data:image/png;base64,iVBOR") == 1


ENTRIES = {
    "in Python": "engine.run_stage('divide', 'here')",
    "from state to state": "engine.run_between('divide', '', 'after')",
    "packed": "engine.run_packed('divide', b'')",
    "as a command": "import sys; sys.argv = ['engine', 'divide', '--run', 'here']; sys.exit(engine.main())",
    "watched": "import sys; sys.argv = ['engine', 'divide', '--run', 'here', '--watch']; sys.exit(engine.main())",
}


@pytest.mark.parametrize("code", ENTRIES.values(), ids=ENTRIES)
def test_failure_names_stage_cell_and_line(tmp_path: Path, code: str) -> None:
    notebook, out = (
        write_notebook(tmp_path, "#md # Divide\n", "n = 0\n1 / n", name="tiny.ipynb"),
        tmp_path / "out",
    )
    assert main(["convert", str(notebook), "-o", str(out), "-q", "--engine", "dvc"]) == 0
    done = run(out, "-c", f"from tiny import engine\n{code}")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "stage divide (cell 1) failed" in done.stderr
    text = (out / "tiny" / "stages" / "divide.py").read_text().splitlines()
    line = next(number for number, one in enumerate(text, 1) if "1 / n" in one)
    assert f'stages/divide.py", line {line}' in done.stderr
    assert not (out / "here" / "states" / "001-divide").exists()


def test_scheduled_job_runs_each_engine_that_is_installed() -> None:
    path = Path(__file__).parents[2] / ".github" / "workflows" / "engines.yml"
    matrix = yaml.safe_load(path.read_text("utf-8"))["jobs"]["engine"]["strategy"]["matrix"]
    installed = [name for name, one in engines.engines().items() if one.ENGINE.distribution]
    assert matrix == {"engine": installed, "age": ["", "--oldest"]}


@pytest.mark.parametrize("name", ENGINES)
def test_engine_was_tried_on_its_oldest_version(name: str) -> None:
    engine = engines.engine_named(name).ENGINE
    assert all(map(engine.supports, engine.tried))
    if engine.tried:
        assert f"{engine.tried[0]}.".startswith(f"{engine.oldest}.")
        assert len(engine.tried) == 2
