"""The manual's pages on the audit's rules are those that the rules make."""

from pathlib import Path

from nb2pipe.reports.rule_page import pages

FOLDER = Path(__file__).parents[1] / "docs" / "rules"


def test_pages_are_fresh() -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert there == pages(), "run `make rules`"
