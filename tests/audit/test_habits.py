"""Leaving out findings: comments in cells, and baselines."""

import json
from collections import Counter

import pytest
from audit_examples import cells, findings, read

from nb2pipe import analysis
from nb2pipe.audit import Example, allowing, baseline, matching
from nb2pipe.errors import InputError

UNSEEDED = "import random\nx = random.random()"


def left(example: Example, chosen: str = "all") -> list[str]:
    """The codes that are still reported."""
    allowed, _ = allowing.allowed_in(analysis.gather(read(example)))
    return [one.code for one in allowing.wanted(findings(example), matching([chosen])[0], allowed)]


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        ("", ["NB401"]),
        ("# nb2pipe: allow unseeded-random - it is a demonstration", []),
        ("# nb2pipe: allow NB401 - it is a demonstration", []),
        ("# nb2pipe: allow NB401", []),
        ("# nb2pipe: allow 4xx - a demonstration", []),
        ("# nb2pipe: allow reads-clock, unseeded-random - both are meant", []),
        ("# nb2pipe: allow reads-clock - another", ["NB401"]),
        ("# allow unseeded-random", ["NB401"]),
    ],
)
def test_allow_comment(comment: str, codes: list[str]) -> None:
    assert left(cells(f"{UNSEEDED}  {comment}")) == codes


def test_comment_counts_for_its_own_cell_only() -> None:
    assert left(cells("# nb2pipe: allow NB401 - not here", UNSEEDED)) == ["NB401"]


def test_comment_that_names_no_rule_is_said() -> None:
    example = cells("x = 1  # nb2pipe: allow unseded-random - a slip")
    _, complaints = allowing.allowed_in(analysis.gather(read(example)))
    assert complaints == ["cell 1 allows 'unseded-random', which is no rule"]


@pytest.mark.parametrize(
    ("chosen", "codes"), [("4xx", ["NB401"]), ("NB101", []), ("unseeded-random", ["NB401"])]
)
def test_chosen_rules(chosen: str, codes: list[str]) -> None:
    assert left(cells(UNSEEDED), chosen) == codes


def test_baseline_covers_what_it_was_made_from_and_no_more() -> None:
    old, new = cells(UNSEEDED), cells("print('moved')", UNSEEDED, "print(y)")
    marks = Counter(baseline.mark(read(old), one) for one in findings(old))
    found = baseline.unknown(read(new), findings(new), marks)
    assert [one.code for one in found] == ["NB102"]


def test_baseline_file_goes_round() -> None:
    text = baseline.dumped({"nb.ipynb": ["a", "a", "b"]})
    assert baseline.loaded(text, "base.json") == {"nb.ipynb": Counter({"a": 2, "b": 1})}


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"schema": "other/1", "notebooks": {}}', json.dumps({"schema": baseline.SCHEMA})],
)
def test_other_files_are_no_baseline(text: str) -> None:
    with pytest.raises(InputError, match="no baseline"):
        baseline.loaded(text, "base.json")
