"""The rules of the house that no linter knows."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruff import find_ruff_bin

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "nb2pipe").rglob("*.py"))

# One library, one room: a change of library touches one place, and start-up imports what is used.
ROOMS_OF_LIBRARY = {
    "click": {"cli"},
    "jinja2": {"rendering"},
    "libcst": {"rewriting"},
    "nbclient": {"execution"},
    "nbconvert": {"execution", "exporter"},
    "nbformat": {"notebooks"},
    "networkx": {"graph"},
    "pygls": {"lsp"},
    "subprocess": {"execution", "rendering"},  # rendering calls `ruff format`
}
# These are imported inside the function that needs them: importing them costs more than most commands do.
LATE_LIBRARIES = frozenset({"jupyter_client", "nbclient", "nbconvert", "nbformat", "networkx"})
FORBIDDEN_NAMES = frozenset({"utils", "helpers", "common", "core", "base", "manager"})


def room(path: Path) -> str:
    """The top-level part of the package that a file belongs to."""
    return path.relative_to(ROOT / "nb2pipe").parts[0].removesuffix(".py")


def imported_roots(nodes: Iterator[ast.AST] | list[ast.stmt]) -> Iterator[str]:
    """The top-level packages that these nodes import."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_library_is_used_in_its_room_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    strayed = {
        library
        for library in imported_roots(ast.walk(tree))
        if room(path) not in ROOMS_OF_LIBRARY.get(library, {room(path)})
    }
    assert not strayed


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if room(p) != "exporter"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_slow_library_is_imported_where_used(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not LATE_LIBRARIES & set(imported_roots(tree.body))


def test_no_module_is_named_after_nothing() -> None:
    assert not [path for path in SOURCES if path.stem in FORBIDDEN_NAMES]


def test_constraints_are_names_and_versions() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9A-Za-z.+!]+", line)] == []


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(item for extra in project["optional-dependencies"].values() for item in extra),
    ]
    names = {re.split(r"[\[<>=]", item)[0] for item in wanted} - {"nb2pipe"}
    pinned = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    }
    assert names <= pinned


@pytest.mark.parametrize("command", [["format", "--check"], ["check"]], ids=lambda words: words[0])
def test_files_that_go_into_projects_are_plain(command: list[str]) -> None:
    """They stand in the user's project, so the defaults of ruff count there, not the settings of this repository."""
    places = [str(ROOT / "templates/project"), str(ROOT / "templates/scaffold")]
    words = [find_ruff_bin(), *command, "--isolated", "--no-cache", *places]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
