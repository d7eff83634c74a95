"""Kept results are used again as long as nothing they depend on has changed, and not longer."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from runtime_projects import MakeProject, Project

LOAD = "import helper; rows = [helper.double(int(line)) for line in open('data.txt')]; print('load', rows)"
CLEAN = "rows.append(limit); print('clean', rows)"
SHOW = "from demo.runner.kernel import display; display(rows); print('show', scale(sum(rows)))"
FUNCTIONS = (
    "def factor():\n    return 2\n\n\ndef scale(n):\n    return n * factor()\n\n\ndef unused():\n    return 0"
)
FACTS = {"limit": 7}


def project(scripts: MakeProject, *more: str) -> Project:
    """Three stages that use a file, a module beside the notebook, definitions and a parameter."""
    made = scripts(
        LOAD,
        CLEAN,
        SHOW,
        *more,
        names=["rows"],
        functions=FUNCTIONS,
        definitions=["factor", "scale", "unused"],
    )
    path = made.folder / "demo" / "pipeline.py"
    text = path.read_text().replace(
        "Pipeline(package", f"Pipeline(parameters={FACTS}, constants={list(FACTS)}, package"
    )
    path.write_text(text)
    made.data.mkdir()
    (made.data / "data.txt").write_text("1\n2\n")
    (made.data / "helper.py").write_text("def double(n):\n    return 2 * n\n")
    return made


def replaced(name: str, old: str, new: str) -> Callable[[Project], dict[str, str]]:
    """Change a file of the project or beside it."""

    def change(made: Project) -> dict[str, str]:
        path = next(path for path in (made.folder / "demo" / name, made.data / name) if path.is_file())
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return {}

    return change


def reused(made: Project) -> list[bool]:
    """Which stages of the newest run were taken from an earlier one."""
    paths = sorted(made.folder.glob("runs/*/run.json"), key=lambda path: path.stat().st_mtime_ns)
    return [bool(one.get("cached")) for one in json.loads(paths[-1].read_text())["stages"]]


# name: (what is changed, stages that are still taken over)
CHANGES: dict[str, tuple[Callable[[Project], dict[str, str]], list[bool]]] = {
    "nothing": (lambda _: {}, [True, True, True]),
    "data": (replaced("data.txt", "2", "5"), [False, False, False]),
    "module beside the notebook": (replaced("helper.py", "2 * n", "3 * n"), [False, False, False]),
    "stage": (replaced("stages/cell_2.py", "'clean'", "'cleaned'"), [True, False, True]),
    "value that a stage makes": (replaced("stages/cell_2.py", "limit)", "1)"), [True, False, False]),
    "definition, two steps away": (replaced("functions.py", "return 2", "return 3"), [True, True, False]),
    "definition that nobody uses": (replaced("functions.py", "return 0", "return 1"), [True, True, True]),
    "runner": (
        replaced("runner/kernel.py", '"""What a Jupyter', '"""That which a Jupyter'),
        [False, False, False],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_stale_results_are_not_used(scripts: MakeProject, name: str) -> None:
    change, expected = CHANGES[name]
    made = project(scripts)
    first = made.run("run", "--cache")
    assert first.returncode == 0, first.stderr
    change(made)
    plain, again = made.run("run", "--out", "plain"), made.run("run", "--cache", "--out", "again")
    assert (again.returncode, again.stdout) == (0, plain.stdout), again.stderr
    stages = json.loads((made.data / "again" / "run.json").read_text())["stages"]
    assert [bool(one.get("cached")) for one in stages] == expected
    shown = [(made.data / out / "displays" / "0001.txt").read_text() for out in ("plain", "again")]
    assert shown[0] == shown[1]


def test_parameter_that_a_stage_uses(scripts: MakeProject) -> None:
    made = project(scripts)
    assert made.run("run", "--cache").returncode == 0
    again = made.run("run", "--cache", "--set", "limit=1")
    assert again.stdout == made.run("run", "--set", "limit=1").stdout
    assert reused(made) == [True, False, False]


# A stage that looks at something which is no variable: (the stage, is it kept, environment of the second run)
LOOKS: dict[str, tuple[str, bool, dict[str, str]]] = {
    "variable": ("import os; print(os.environ.get('N'))", False, {"N": "2"}),
    "another variable": ("import os; print(os.environ.get('N'))", True, {"M": "2"}),
    "all variables": ("import os; print(len(os.environ) > 0, dict(os.environ).get('N'))", False, {}),
    "clock": ("import time; print(time.time() > 0)", False, {}),
    "program": ("import subprocess; print(subprocess.check_output(['echo', 'x']))", False, {}),
    "existence": ("import os; print(os.path.exists('x'))", False, {}),
    "appended file": ("open('log.txt', 'a').write('x'); print(len(open('log.txt').read()))", False, {}),
    "written file": ("open('w.txt', 'w').write('x'); print(1)", True, {}),
    "seeded numbers": ("import random; random.seed(1); print(random.random())", True, {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LOOKS)
def test_what_a_stage_looks_at(scripts: MakeProject, name: str) -> None:
    look, is_kept, environment = LOOKS[name]
    made = scripts("print('begin')", look)
    first = made.run("run", "--cache", N="1")
    assert first.returncode == 0, first.stderr
    again = made.run("run", "--cache", **{"N": "1", **environment})
    plain = made.run("run", **{"N": "1", **environment})
    if name != "appended file":
        assert again.stdout == plain.stdout
    assert reused(made)[-1] == is_kept


def test_written_file_that_is_gone(scripts: MakeProject) -> None:
    made = scripts("open('w.txt', 'w').write('x')", "print(open('w.txt').read())")
    assert made.run("run", "--cache").returncode == 0
    (made.data / "w.txt").unlink()
    assert made.run("run", "--cache").stdout == "x\n"
    assert (made.data / "w.txt").read_text() == "x"


def test_new_file_before_a_library(scripts: MakeProject) -> None:
    made = scripts("import colorsys; print(colorsys.rgb_to_yiq(1, 1, 1)[0])")
    assert made.run("run", "--cache").returncode == 0
    (made.data / "colorsys.py").write_text("def rgb_to_yiq(*n):\n    return ['mine']\n")
    assert made.run("run", "--cache").stdout == "mine\n"


def test_damaged_result_is_not_used(scripts: MakeProject) -> None:
    made = project(scripts)
    first = made.run("run", "--cache")
    for path in Path(made.folder).glob("runs/cache/*/*/*.pickle"):
        path.write_bytes(b"x")
    assert made.run("run", "--cache").stdout == first.stdout


def test_installed_code_of_another_environment_is_a_library(scripts: MakeProject, tmp_path: Path) -> None:
    other = tmp_path / "other" / "site-packages"
    code = f"import sys; sys.path.append({str(other)!r}); from demo.runner.world import library_roots"
    done = scripts("pass").python(f"{code}; print({str(other)!r} in map(str, library_roots()))")
    assert done.stdout == "True\n"
