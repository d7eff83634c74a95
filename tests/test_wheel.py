"""The built wheel, installed in a clean environment, converts a notebook: nothing that it needs stayed behind."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_notebooks" / "churn" / "churn.ipynb"

CACHES = frozenset({"__pycache__", ".ruff_cache", ".mypy_cache"})

pytestmark = pytest.mark.slow


def run(command: list[str], folder: Path) -> str:
    """The stdout of a command that must succeed, in a surrounding without the repository."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    run([sys.executable, *build], folder)
    (path,) = folder.glob("*.whl")
    return path


def files_below(folder: Path) -> set[str]:
    """The files below a folder that are the project's own."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not CACHES & set(path.parts)
    }


def test_wheel_carries_every_template(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    carried = {name.removeprefix("nb2pipe/_templates/") for name in names if "/_templates/" in name}
    assert carried == files_below(ROOT / "templates")


def test_wheel_carries_the_whole_package(wheel: Path) -> None:
    names = {name.removeprefix("nb2pipe/") for name in zipfile.ZipFile(wheel).namelist()}
    assert files_below(ROOT / "nb2pipe") <= names


def test_installed_wheel_converts(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    constraints = str(ROOT / "constraints.txt")
    run([python, "-m", "pip", "install", "-q", "-c", constraints, str(wheel)], tmp_path)
    tool = str(tmp_path / "venv" / "bin" / "nb2pipe")
    run([tool, "convert", str(SAMPLE), "-o", "churn"], tmp_path)
    shown = run([python, "-m", "churn", "graph", "--format", "json"], tmp_path / "churn")
    assert '"features"' in shown
