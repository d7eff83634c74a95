"""What the tests showed goes to evidence/tests.json, with digests of the files that they ran on."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SKIPPED = {".git", ".venv", "__pycache__", "evidence", "runs", "models", "reports"}
ENDINGS = (".py", ".ipy", ".ipynb", ".json", ".yaml", ".yml", ".txt", ".csv")
OWN = {"readiness.yaml", "nb2pipe.lock"}  # filled in later, and no code

_outcomes: dict[str, dict[str, Any]] = {}


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    """A copy of notebook/, so that a test may write where the notebook does."""
    return Path(shutil.copytree(ROOT / "notebook", tmp_path / "notebook"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Note the outcome of every test that shows something."""
    report = (yield).get_result()
    claims = [line for mark in item.iter_markers("evidence") for line in mark.args]
    if not claims or (report.when != "call" and report.passed):
        return
    known = _outcomes.setdefault(item.nodeid, {"claims": claims, "outcome": "passed"})
    if not report.passed:
        known["outcome"] = report.outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the evidence; a run of some tests replaces only what they showed."""
    if not _outcomes or getattr(session.config.option, "collectonly", False):
        return
    path = ROOT / "evidence" / "tests.json"
    files = digests()
    before = _read(path)
    kept = before.get("tests", {}) if before.get("files") == files else {}
    record = {"schema": "evidence/1", "tests": {**kept, **_outcomes}, "files": files}
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", "utf-8")
    part.replace(path)


def digests() -> dict[str, str]:
    """The repository's files that a result depends on, by digest."""
    found = {}
    for folder, names, files in os.walk(ROOT):
        names[:] = sorted(name for name in names if name not in SKIPPED)
        for name in sorted(files):
            path = Path(folder) / name
            if name.endswith(ENDINGS) and name not in OWN:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                found[path.relative_to(ROOT).as_posix()] = content
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        return {}
