"""A newer template comes into a repository that was edited by hand: nothing of a hand is lost."""

import shutil
from pathlib import Path

import pytest
from notebook_files import write_notebook

from nb2pipe.cli import main
from nb2pipe.errors import InputError
from nb2pipe.execution.merging import merged
from nb2pipe.scaffold import BASE, Answers, answers_of, base_files, base_text, changes
from nb2pipe.scaffold.answers import answers_yaml

OLD, NEW, OWN, BOTH = "old", "new", "own", "both"


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "what", "text"),
    [
        (OLD, OLD, NEW, "updated", NEW),
        (OLD, OWN, NEW, "merged", BOTH),
        (OLD, OWN, OLD, None, None),  # the template is the same: an edit is nobody's business
        (OLD, NEW, NEW, None, None),
        (OLD, None, OLD, None, None),
        (OLD, None, NEW, "kept", None),  # deleted by the user
        (None, None, NEW, "added", NEW),
        (None, OWN, NEW, "conflict", BOTH),  # the user's own file is where a new one would be
        (OLD, OLD, None, "removed", None),
        (OLD, OWN, None, "kept", None),
        (OLD, None, None, None, None),
    ],
)
def test_what_becomes_of_a_file(
    base: str | None, ours: str | None, theirs: str | None, what: str | None, text: str | None
) -> None:
    was, here, new = ({} if one is None else {"a": one} for one in (base, ours, theirs))
    (change,) = changes(was, here, new, lambda _, was, __: (BOTH, int(not was))) or (None,)
    assert (change and change.what, change and change.text) == (what, text)


@pytest.mark.parametrize(
    ("ours", "base", "theirs", "places"),
    [
        ("1\n2\n3\nmine\n", "1\n2\n3\n", "0\n1\n2\n3\n", 0),
        ("mine\n", "1\n", "theirs\n", 1),
        ("same\nmine\n", "", "same\ntheirs\n", 1),
    ],
)
def test_git_merges(ours: str, base: str, theirs: str, places: int) -> None:
    text, found = merged(ours, base, theirs, ("yours", "as it was made", "new"))
    assert found == places
    assert {*ours.splitlines(), *theirs.splitlines()} <= {*text.splitlines()}
    assert text.count("<<<<<<< yours") == places


def test_base_and_answers_come_back() -> None:
    files = {"b": "é\n\ud800", "a": ""}
    answers = Answers(("data",), "@a", "@b", 'models["x"]')
    assert base_files(base_text(files)) == files
    assert answers_of(answers_yaml(answers, "1")) == answers


@pytest.mark.parametrize(
    ("read", "text"), [(base_files, "%%"), (base_files, ""), (answers_of, "owner: @a"), (answers_of, "x")]
)
def test_damaged_record_is_said(read: object, text: str) -> None:
    assert callable(read)
    with pytest.raises(InputError):
        read(text)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("update")
    notebook = write_notebook(place, "a = 1", "print(a)")
    assert main(["scaffold", str(notebook), "-o", str(place / "made"), "--with", "ownership", "-q"]) == 0
    return place / "made"


@pytest.fixture
def older(made: Path, tmp_path: Path) -> Path:
    """The repository as an older nb2pipe made it: some lines were others."""
    folder = Path(shutil.copytree(made, tmp_path / "older"))
    base = dict(base_files((folder / BASE).read_text("utf-8")))
    for path in ("Makefile", "README.md", ".gitignore", "tests/test_run.py"):
        base[path] = base[path].replace("pipeline", "pipes").replace("__pycache__/", "*.pyc")
        (folder / path).write_text(base[path], "utf-8")
    del base["CODEOWNERS"]
    (folder / "CODEOWNERS").unlink()
    (folder / "left.txt").write_text("of the older one\n", "utf-8")
    (folder / BASE).write_text(base_text({**base, "left.txt": "of the older one\n"}), "utf-8")
    return folder


def edited(folder: Path, path: str, old: str, new: str) -> None:
    text = (folder / path).read_text("utf-8")
    assert old in text
    (folder / path).write_text(text.replace(old, new, 1), "utf-8")


def texts(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_edits_stay_and_templates_come(older: Path, made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited(older, "Makefile", "PYTHON ?= python3", "PYTHON ?= python3.12")
    (older / "tests/test_run.py").unlink()
    before = texts(older)
    assert main(["scaffold", "--update", str(older), "--check"]) == 1
    assert main(["scaffold", "--update", str(older), "--diff"]) == 0
    assert "+__pycache__/" in capsys.readouterr().out
    assert texts(older) == before  # both write nothing
    assert main(["scaffold", "--update", str(older)]) == 0
    edited(older, "Makefile", "PYTHON ?= python3.12", "PYTHON ?= python3")
    deleted = {"tests/test_run.py"}
    assert texts(older) == {path: text for path, text in texts(made).items() if path not in deleted}
    told = capsys.readouterr().out
    assert "kept      tests/test_run.py: it was deleted here" in told
    assert "removed   left.txt" in told
    assert main(["scaffold", "--update", str(older), "--check"]) == 0


def test_conflict_is_marked_and_named(older: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited(older, ".gitignore", "*.pyc", "*.py[co]")
    assert main(["scaffold", "--update", str(older)]) == 1
    assert "conflict  .gitignore: one place is marked" in capsys.readouterr().out
    text = (older / ".gitignore").read_text("utf-8")
    assert "<<<<<<< yours\n*.py[co]\n" in text
    assert "__pycache__/\n>>>>>>> nb2pipe" in text


def test_parts_come_later(made: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "later"))
    words = ["scaffold", "--update", str(folder), "--with", "environment", "--owner", "@team"]
    assert main(words) == 0
    assert "@team" in (folder / "CODEOWNERS").read_text("utf-8")
    whole = tmp_path / "whole"
    words = ["scaffold", str(made.parent / "nb.ipynb"), "-o", str(whole), "--with", "ownership,environment"]
    assert main([*words, "--owner", "@team", "-q"]) == 0
    assert texts(folder) == texts(whole)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--update"], "no project that nb2pipe made"),
        (["--check"], "--update"),
        ([], "-o DIR"),
    ],
)
def test_wrong_usage_is_said(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".nb2pipe-answers.yaml").write_text("", "utf-8")
    assert main(["scaffold", str(tmp_path), *words]) == 2
    assert told in capsys.readouterr().err


def test_notebook_that_changed_is_said(older: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = (older / "notebook").glob("*.ipynb")
    edited(older, f"notebook/{path.name}", "a = 1", "a = 2")
    assert main(["scaffold", "--update", str(older)]) == 2
    assert "has changed" in capsys.readouterr().err
