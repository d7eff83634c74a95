"""A repository around a notebook: what it holds, what it refuses, and that it says nothing of where it was made."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from notebook_files import write_notebook
from ruff import find_ruff_bin

from nb2pipe.cli import main
from nb2pipe.scaffold import listed_parts, read_files
from nb2pipe.workflows.convert import read_facts

ROOT = Path(__file__).parents[2]
CHURN = ROOT / "sample_notebooks" / "churn" / "churn.ipynb"


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("scaffold")
    shutil.copytree(CHURN.parent, place / "source")
    target = place / "repository"
    assert main(["scaffold", str(place / "source/churn.ipynb"), "-o", str(target), "-q"]) == 0
    return target


def test_user_owns_few_files(repository: Path) -> None:
    assert len([path for path in files_of(repository) if "/runner/" not in path]) < 30


def test_notebook_and_data_are_there_to_the_byte(repository: Path) -> None:
    for name in ("churn.ipynb", "customers.csv"):
        assert (repository / "notebook" / name).read_bytes() == (CHURN.parent / name).read_bytes()
    assert json.loads((repository / "nb2pipe.lock").read_text())["notebook"] == "notebook/churn.ipynb"


def test_repository_tells_nothing_of_where_it_was_made(repository: Path) -> None:
    told = [name for name, text in files_of(repository).items() if str(repository.parent).encode() in text]
    assert not told


def test_no_file_needs_nb2pipe(repository: Path) -> None:
    for name, text in files_of(repository).items():
        if name.endswith(".py") or "requirements" in name or name == "Makefile":
            assert b"import nb2pipe" not in text, name
            assert b"from nb2pipe" not in text, name


def test_same_input_gives_the_same_bytes(repository: Path, tmp_path: Path) -> None:
    source = repository.parent / "source/churn.ipynb"
    assert main(["scaffold", str(source), "-o", str(tmp_path / "again"), "-q"]) == 0
    assert files_of(tmp_path / "again") == files_of(repository)


@pytest.mark.parametrize("names", [*listed_parts(), ",".join(listed_parts())])
def test_part_alone_and_all_together_are_clean(names: str, tmp_path: Path) -> None:
    notebook = write_notebook(
        tmp_path, "import pandas as pd", "df = pd.read_csv('a.csv')", name="a_long_name_of_a_notebook.ipynb"
    )
    target = tmp_path / "out"
    assert main(["scaffold", str(notebook), "-o", str(target), "--with", names, "--static", "-q"]) == 0
    for words in (["format", "--check"], ["check"]):
        command = [find_ruff_bin(), *words, "--no-cache", "."]
        done = subprocess.run(command, cwd=target, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    for path in target.rglob("*.yml"):
        yaml.safe_load(path.read_text())
    told = (target / "README.md").read_text()
    assert all(
        f"make {word}" in (target / "Makefile").read_text() + told for word in ("setup", "run", "test")
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--with", "kitchen"], "there is no part 'kitchen'"),
        (["--python", "/no/such/python"], "--python"),
    ],
)
def test_what_cannot_be_is_said(
    arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = write_notebook(tmp_path, "print(1)")
    assert main(["scaffold", str(notebook), "-o", str(tmp_path / "out"), *arguments]) in (2, 4)
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_secret_in_the_notebook_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = write_notebook(tmp_path, "x = 1", "password = 'tr0ub4dor&3-horse'")
    assert main(["scaffold", str(notebook), "-o", str(tmp_path / "out"), "-q"]) == 0
    assert "before you publish: cell 2: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "parts", "told"),
    [
        ("x = 1", "registry", "the notebook fits no model: registry waits for one"),
        ("x = 1", "delivery", "the notebook fits no model: registry waits for one"),
        ("x = 1", "ownership", ""),
        ("model.fit(a, b)", "registry", ""),
    ],
)
def test_parts_without_a_model_wait(
    code: str, parts: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = write_notebook(tmp_path, code)
    assert main(["scaffold", str(notebook), "-o", str(tmp_path / "out"), "--with", parts, "-q"]) == 0
    said = capsys.readouterr().err
    assert said.startswith(told) if told else not said


def test_folder_with_something_in_it_is_left_alone(repository: Path) -> None:
    before = files_of(repository)
    assert main(["scaffold", str(CHURN), "-o", str(repository)]) == 2
    assert files_of(repository) == before


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("open('a.csv')", ["a.csv"]),
        ("open('./logs/1.txt')", ["logs/1.txt"]),
        ("import os\nopen(os.path.join(folder, 'b.csv'))", ["data/b.csv"]),
        ("import glob\nglob.glob('logs/*.txt')", ["logs/1.txt", "logs/2.txt"]),
        ("for name in names:\n    open(f'logs/{name}')", ["logs/1.txt", "logs/2.txt"]),
        ("!cat data/b.csv", ["data/b.csv"]),
        ("open('../a.csv')", ["a.csv"]),  # looked for here, too: nothing outside is taken
        ("open('other.csv')", []),
        ("import near", ["near.py", "near_too.py"]),  # it may import the other
    ],
)
def test_files_that_are_read(code: str, read: list[str], tmp_path: Path) -> None:
    beside = ["a.csv", "data/b.csv", "logs/1.txt", "logs/2.txt", "near.py", "near_too.py"]
    for name in ("near.py", "near_too.py"):
        (tmp_path / name).write_text("")
    facts = read_facts(write_notebook(tmp_path, code))
    assert list(read_files(facts, beside)) == read


@pytest.mark.parametrize(
    ("code", "place", "files"),
    [
        ("open('a.csv')", "notebook", {"nb.ipynb", "a.csv"}),
        ("open('../data/b.csv')", "notebook/code", {"code/nb.ipynb", "data/b.csv"}),
        (
            "import os\nopen(os.path.join('..', 'data', name))",
            "notebook/code",
            {"code/nb.ipynb", "data/b.csv", "data/other.csv"},
        ),
        ("open('../out/new.txt', 'w')", "notebook/code", {"code/nb.ipynb", "out/.gitkeep"}),
        ("open('plots/new.png', 'w')", "notebook", {"nb.ipynb", "plots/.gitkeep"}),
        (
            "open('../data/b.csv'), open('a.csv')",
            "notebook/code",
            {"code/nb.ipynb", "code/a.csv", "data/b.csv"},
        ),
        ("open('../code/a.csv')", "notebook", {"nb.ipynb", "a.csv"}),
        ("open('../../no/such/file')", "notebook", {"nb.ipynb"}),
    ],
)
def test_notebook_finds_its_files_where_it_looks(
    code: str, place: str, files: set[str], tmp_path: Path
) -> None:
    for name in ("code/a.csv", "data/b.csv", "data/other.csv", "out/.hidden", "code/plots/.hidden"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    notebook = write_notebook(tmp_path / "code", code)
    target = tmp_path / "repository"
    assert main(["scaffold", str(notebook), "-o", str(target), "-q"]) == 0
    assert set(files_of(target / "notebook")) == files
    assert json.loads((target / "nb2pipe.lock").read_text())["notebook"] == f"{place}/nb.ipynb"
    assert f'--workdir "{place}"' in (target / "Makefile").read_text()


@pytest.mark.slow
def test_repositorys_own_checks_pass_where_it_is_cloned(repository: Path, tmp_path: Path) -> None:
    """With this interpreter in place of what `make setup` would install from the network."""
    clone = shutil.copytree(repository, tmp_path / "clone")
    (clone / ".venv").symlink_to(sys.prefix)
    for target in ("run", "test", "check"):
        done = subprocess.run(
            ["make", "-o", ".venv/.ready", target],
            cwd=clone,
            env={**os.environ, "MPLBACKEND": "agg"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((clone / "evidence" / "tests.json").read_text())["tests"]
    assert {one["outcome"] for one in told.values()} == {"passed"}
    assert main(["readiness", str(clone)]) == 1  # nobody owns it


@pytest.mark.slow
@pytest.mark.parametrize("parts", ["registry", "delivery"])
def test_tests_are_green_where_no_model_is_fitted(parts: str, tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path, "x = 1", "print(x)")
    target = tmp_path / "out"
    assert main(["scaffold", str(notebook), "-o", str(target), "--with", parts, "-q"]) == 0
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-k",
        "not environment_is",
    ]  # it is not the pinned one here
    done = subprocess.run(words, cwd=target, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "skipped" in done.stdout.splitlines()[-1]
