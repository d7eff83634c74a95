"""The card: by evidence that ran on these very files, and by nothing else."""

import json
from pathlib import Path

import pytest

from nb2pipe.cli import main
from nb2pipe.errors import InputError
from nb2pipe.scaffold.evidence import Owners, evidence_of, owners_of
from nb2pipe.scaffold.readiness import Card, card

TEAM = Owners("@pipeline", "@platform")
FILES = {"a.py": "1"}


def shown(**outcomes: str) -> str:
    """The record of a run: test name -> claim, with `!` before it where the test failed."""
    tests = {
        name: {"claims": [claim.lstrip("!")], "outcome": "failed" if claim.startswith("!") else "passed"}
        for name, claim in outcomes.items()
    }
    return json.dumps({"tests": tests, "files": FILES})


def status(text: str | None, name: str, owners: Owners = TEAM, now: dict[str, str] | None = None) -> str:
    made: Card = card(evidence_of(text), owners, FILES if now is None else now)
    return next(line.status for line in [*made.lines, *made.rubric] if line.name == name)


@pytest.mark.parametrize(
    ("record", "name", "expected"),
    [
        (None, "training_process", "missing"),  # the tests never ran
        (shown(t="training_process"), "training_process", "pass"),
        (shown(t="training_process"), "inference_interface", "missing"),
        (shown(t="!training_process"), "training_process", "missing"),
        (shown(t="training_process", u="!training_process"), "training_process", "missing"),
        (shown(t="latency", u="failures"), "monitoring", "missing"),  # one of three is not shown
        (shown(t="latency", u="failures", v="data_quality"), "monitoring", "pass"),
        (shown(t="data.1"), "data.1", "pass"),
    ],
)
def test_line_passes_by_tests_that_ran(record: str | None, name: str, expected: str) -> None:
    assert status(record, name) == expected


@pytest.mark.parametrize("now", [{"a.py": "2"}, {}, {**FILES, "new.py": "1"}])
def test_evidence_about_other_files_is_none(now: dict[str, str]) -> None:
    assert status(shown(t="training_process"), "training_process", now=now) == "missing"


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        (TEAM, "pass"),
        (Owners("@your-team", "@platform"), "missing"),
        (Owners("@pipeline", ""), "missing"),
    ],
)
def test_placeholder_owns_nothing(owners: Owners, expected: str) -> None:
    assert status(shown(t="rollback_path", u="incident_response"), "ownership", owners) == expected


def test_what_a_person_did_counts_half_unless_a_test_fails() -> None:
    by_hand = Owners("@a", "@b", {"model.7": "reviewed by Kim, 2024-05-01, docs/fairness.md"})
    assert status(shown(t="data.1"), "model.7", by_hand) == "manual"
    assert status(shown(t="!model.7"), "model.7", by_hand) == "missing"


def test_score_is_the_least_of_four_sections() -> None:
    claims = {f"t{n}{s}": f"{s}.{n}" for s in ("data", "model", "infrastructure") for n in range(1, 8)}
    made = card(evidence_of(shown(**claims, last="monitoring.1")), TEAM, FILES)
    assert (made.score, made.automated, len(made.rubric)) == (1, 22, 28)


@pytest.mark.parametrize("text", ["", "[]", '{"tests": 1}', '{"tests": {"t": {}}, "files": {}}'])
def test_damaged_evidence_is_said(text: str) -> None:
    with pytest.raises(InputError, match="make test"):
        evidence_of(text)


def test_owners_are_read() -> None:
    text = '# who\nowner: "@a"  # team\nbackup: @b\nmanual:\n  model.1: by Kim\n  model.2:\n'
    assert owners_of(text) == Owners("@a", "@b", {"model.1": "by Kim"})


def test_folder_that_nb2pipe_did_not_make_is_refused(tmp_path: Path) -> None:
    assert main(["readiness", str(tmp_path)]) == 2
