"""Every rule keeps what its own file promises."""

import re

import pytest
from audit_examples import findings

from nb2pipe.audit import Entry, Example, entries, find, matching

RULES = entries()


@pytest.mark.parametrize("entry", RULES, ids=lambda entry: entry.rule.name)
def test_good_examples_are_not_reported(entry: Entry) -> None:
    assert entry.good
    found = [one for example in entry.good for one in findings(example) if one.code == entry.rule.code]
    assert found == []


@pytest.mark.parametrize(
    ("entry", "example", "expected"),
    [
        pytest.param(entry, example, expected, id=entry.rule.name)
        for entry in RULES
        for example, expected in entry.bad
    ],
)
def test_bad_examples_are_reported(entry: Entry, example: Example, expected: list[str]) -> None:
    found = [one for one in findings(example) if one.code == entry.rule.code]
    assert [f"{one.spot.cell}:{one.spot.line} {one.message}" for one in found] == expected


@pytest.mark.parametrize("entry", RULES, ids=lambda entry: entry.rule.name)
def test_rule_tells_what_and_why(entry: Entry) -> None:
    what, _, why = entry.text.strip().partition("\n\n")
    assert what.endswith(".")
    assert why.strip()
    assert re.fullmatch(r"NB\d\d\d", entry.rule.code)
    assert re.fullmatch(r"[a-z-]+", entry.rule.name)
    assert entry.rule.hint


def test_codes_and_names_are_unique() -> None:
    assert (
        len({entry.rule.code for entry in RULES}) == len({entry.rule.name for entry in RULES}) == len(RULES)
    )


@pytest.mark.parametrize(
    ("words", "codes", "unknown"),
    [
        (["NB101"], {"NB101"}, []),
        (["unseeded-random", "nb102"], {"NB401", "NB102"}, []),
        (["9xx"], {"NB901", "NB902", "NB903", "NB904", "NB905"}, []),
        (["101"], {"NB101"}, []),
        (["NB9"], {"NB901", "NB902", "NB903", "NB904", "NB905"}, []),
        (["no-such-rule"], set(), ["no-such-rule"]),
        (["NB999"], set(), ["NB999"]),
    ],
)
def test_words_that_choose_rules(words: list[str], codes: set[str], unknown: list[str]) -> None:
    assert matching(words) == (frozenset(codes), unknown)


def test_find_takes_code_and_name() -> None:
    assert find("NB101") is find("reads-later-cell")
    assert find("nonsense") is None
