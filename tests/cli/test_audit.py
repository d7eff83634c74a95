"""`nb2pipe audit` and `explain` as users call them."""

import json
from pathlib import Path
from typing import Any

import pytest
from notebook_files import write_notebook

from nb2pipe.cli import main
from nb2pipe.cli.watching import watch
from nb2pipe.reports.audit_formats import format_named
from nb2pipe.workflows.audit import NO_WISH

BROKEN = ("print(x)", "x = 1")
CLEAN = ("x = 1", "print(x)")
UNSEEDED = ("import random\nx = random.random()",)


def audited(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, object]:
    main(["audit", *map(str, arguments), "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert isinstance(report, dict)
    return report


@pytest.mark.parametrize(
    ("cells", "options", "code"),
    [
        (CLEAN, [], 0),
        (BROKEN, [], 1),
        (BROKEN, ["--fail-on", "never"], 0),
        (BROKEN, ["--ignore", "NB101"], 0),
        (BROKEN, ["--ignore", "1xx"], 0),
        (BROKEN, ["--select", "unseeded-random"], 0),
        (UNSEEDED, [], 0),
        (UNSEEDED, ["--fail-on", "warning"], 1),
        (UNSEEDED, ["--select", "no-such-rule"], 2),
        (UNSEEDED, ["--fail-on", "sometimes"], 2),
        (UNSEEDED, ["--baseline", "missing.json"], 2),
    ],
)  # fmt: skip
def test_exit_code(tmp_path: Path, cells: tuple[str, ...], options: list[str], code: int) -> None:
    assert main(["audit", str(write_notebook(tmp_path, *cells)), "-q", *options]) == code


def test_json_is_what_the_contract_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_notebook(tmp_path, "#md # Title", *BROKEN)
    report = audited(capsys, path)
    assert report == {
        "schema": "nb2pipe.audit/1",
        "notebooks": [
            {
                "path": str(path),
                "status": "read",
                "error": None,
                "cells": [
                    {"cell": 1, "index": 1, "cell_id": "c1", "execution_count": None, "reads": ["x"], "writes": [], "mutates": [], "deletes": [], "imports": [], "defines": []},
                    {"cell": 2, "index": 2, "cell_id": "c2", "execution_count": None, "reads": [], "writes": ["x"], "mutates": [], "deletes": [], "imports": [], "defines": []},
                ],
                "edges": [{"from": 2, "to": 1, "variable": "x", "kind": "value"}],
                "order": {"document": "fails", "suggested": [2, 1], "reason": "cell 1 reads `x` before any cell binds it; cell 2 moves before the cells that need it"},
                "findings": [
                    {
                        "code": "NB101",
                        "name": "reads-later-cell",
                        "severity": "error",
                        "message": "`x` is read here, but first written in cell 2",
                        "hint": "move cell 2 above this cell, or define `x` before it is read",
                        "cell": 1,
                        "cell_id": "c1",
                        "line": 1,
                        "column": 7,
                        "variable": "x",
                        "related": [{"cell": 2, "line": 1}],
                    }
                ],
            }
        ],
    }  # fmt: skip


def test_folder_with_an_unreadable_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notebook(tmp_path, *CLEAN, name="a.ipynb")
    (tmp_path / "b.ipynb").write_text("{", encoding="utf-8")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    write_notebook(tmp_path / ".ipynb_checkpoints", *BROKEN, name="a-checkpoint.ipynb")
    assert main(["audit", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "b.ipynb  cannot be read" in said
    assert "2 notebooks read" not in said
    assert "1 notebooks read, 1 clean, 1 unreadable" in said


def test_only_unreadable_files_are_exit_2(tmp_path: Path) -> None:
    (tmp_path / "b.ipynb").write_text("{", encoding="utf-8")
    assert main(["audit", str(tmp_path), "-q"]) == 2


def test_pattern_and_folder_name_a_notebook_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notebook(tmp_path, *CLEAN, name="a.ipynb")
    report = audited(capsys, tmp_path / "*.ipynb", tmp_path)
    assert len(report["notebooks"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("target", ["nothing*.ipynb", "empty"])
def test_nothing_to_audit_is_exit_2(tmp_path: Path, target: str) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["audit", str(tmp_path / target)]) == 2


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ("", 1),
        ('ignore = ["NB101"]', 0),
        ('select = ["9xx"]', 0),
        ('fail-on = "never"', 0),
        ('[tool.nb2pipe.per-path]\n"drafts/*" = ["1xx"]', 0),
        ('[tool.nb2pipe.per-path]\n"others/*" = ["1xx"]', 1),
        ('colour = "blue"', 2),
        ('ignore = ["NB999"]', 2),
        ('ignore = "NB101"', 2),
        ('fail-on = "sometimes"', 2),
    ],
)
def test_settings(tmp_path: Path, settings: str, code: int) -> None:
    (tmp_path / "drafts").mkdir()
    (tmp_path / "pyproject.toml").write_text(f"[tool.nb2pipe]\n{settings}\n", encoding="utf-8")
    assert main(["audit", str(write_notebook(tmp_path / "drafts", *BROKEN)), "-q"]) == code


def test_unknown_setting_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.nb2pipe]\ncolour = 1\n", encoding="utf-8")
    main(["audit", str(write_notebook(tmp_path, *CLEAN))])
    assert "unknown key 'colour'" in capsys.readouterr().out


def test_excluded_notebooks_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.nb2pipe]\nexclude = ["old/*"]\n', encoding="utf-8")
    (tmp_path / "old").mkdir()
    write_notebook(tmp_path / "old", *BROKEN)
    write_notebook(tmp_path, *CLEAN, name="a.ipynb")
    assert main(["audit", str(tmp_path)]) == 0
    assert "old" not in capsys.readouterr().out


def test_baseline_accepts_what_is_there(tmp_path: Path) -> None:
    path, known = write_notebook(tmp_path, *BROKEN), tmp_path / "known.json"
    assert main(["audit", str(path), "--write-baseline", str(known)]) == 0
    assert main(["audit", str(path), "--baseline", str(known), "-q"]) == 0
    write_notebook(tmp_path, *BROKEN, "print(nowhere)")
    assert main(["audit", str(path), "--baseline", str(known), "-q"]) == 1


def test_jobs_give_the_same_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(4):
        write_notebook(tmp_path, *(BROKEN if number % 2 else CLEAN), name=f"{number}.ipynb")
    assert audited(capsys, tmp_path, "-j", "2", "--backend", "threading") == audited(capsys, tmp_path)


@pytest.mark.slow
def test_jobs_in_processes_and_on_a_dask_cluster(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from dask.distributed import LocalCluster

    for number in range(4):
        write_notebook(tmp_path, *(BROKEN if number % 2 else CLEAN), name=f"{number}.ipynb")
    alone = audited(capsys, tmp_path)
    assert audited(capsys, tmp_path, "-j", "2") == alone
    start: Any = LocalCluster
    with start(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0") as cluster:
        address = cluster.scheduler_address
        assert audited(capsys, tmp_path, "-j", "2", "--backend", "dask", "--scheduler", address) == alone


@pytest.mark.parametrize("form", ["text", "json", "html", "markdown", "sarif", "github"])
def test_every_format_goes_into_a_file(tmp_path: Path, form: str) -> None:
    target = tmp_path / "report"
    path = write_notebook(tmp_path, *BROKEN)
    assert main(["audit", str(path), "--format", form, "-o", str(target)]) == 1
    assert "reads-later-cell" in target.read_text(encoding="utf-8")


def test_file_that_cannot_be_written_is_exit_4(tmp_path: Path) -> None:
    assert main(["audit", str(write_notebook(tmp_path, *CLEAN)), "-o", str(tmp_path / "no" / "report")]) == 4


def test_watching_reports_a_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_notebook(tmp_path, *BROKEN)
    watch((path,), NO_WISH, format_named("text"), rounds=2)
    assert capsys.readouterr().out.count("reads-later-cell") == 1


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "NB101"]) == 0
    said = capsys.readouterr().out
    assert "NB101 reads-later-cell (error)" in said
    assert "Way out: move cell 2 above this cell" in said
    assert main(["explain", "reads-later-cell"]) == 0
    assert main(["explain", "NB999"]) == 2


def test_explain_lists_all_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 60
