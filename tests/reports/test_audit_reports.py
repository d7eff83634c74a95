"""The audit's reports say what was found, and hostile notebooks break none of them."""

import json
import re
from pathlib import Path

import pytest
from audit_examples import cells, findings, read
from jsonschema import Draft4Validator

from nb2pipe import analysis, graph
from nb2pipe.audit import Example, entries
from nb2pipe.reports import audit_github, audit_markdown, audit_page, audit_sarif, audit_text

CASES = Path(__file__).parent.parent / "cases"
BROKEN = cells(
    "print(x)  # <script>alert(1)</script>", "x = 1", "y = '</script><img src=x onerror=alert(1)>'\ny = y + y"
)
HOSTILE = Example(
    ("1 + 1", "x = 2"),
    outputs={
        1: (
            {"output_type": "error", "ename": "Odd", "evalue": "a|b<b>\x1b[31m\n::error::%", "traceback": []},
        )
    },
)


def page(example: Example) -> str:
    notebook = read(example)
    found = graph.build(analysis.gather(notebook))
    return (
        audit_page.head()
        + audit_page.section("nb.ipynb", notebook, found, findings(example), None)
        + audit_page.tail([])
    )


def test_text_shows_line_and_way_out() -> None:
    order = graph.build(analysis.gather(read(BROKEN))).order
    text = audit_text.as_text("nb.ipynb", read(BROKEN), order, findings(BROKEN), None)
    assert "1:7 error NB101 reads-later-cell: `x` is read here, but first written in cell 2" in text
    assert "| print(x)" in text
    assert "an order that runs: 2, 1, 3" in text


def test_text_of_hostile_output_moves_no_cursor() -> None:
    order = graph.build(analysis.gather(read(HOSTILE))).order
    assert "\x1b" not in audit_text.as_text("nb.ipynb", read(HOSTILE), order, findings(HOSTILE), None)


def test_markdown_table_is_not_broken() -> None:
    order = graph.build(analysis.gather(read(HOSTILE))).order
    rows = [
        line
        for line in audit_markdown.as_markdown("nb.ipynb", order, findings(HOSTILE), None).split("\n")
        if line.startswith("| ")
    ]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


def test_github_has_a_line_for_each_finding() -> None:
    lines = audit_github.as_github("a,b.ipynb", findings(HOSTILE), None).split("\n")
    assert len(lines) == len(findings(HOSTILE))
    assert all(
        re.match(r"::(error|warning|notice) file=a%2Cb\.ipynb,title=NB\d+ [a-z-]+::", line) for line in lines
    )


@pytest.mark.parametrize("example", [BROKEN, HOSTILE])
def test_page_escapes_the_notebook_and_needs_no_network(example: Example) -> None:
    text = page(example)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)
    assert text.count("<script>") == 1


def test_page_names_cells_and_flows() -> None:
    text = page(BROKEN)
    assert 'data-v="x" data-a="2" data-b="1"' in text
    assert "It does not run from top to bottom" in text


SCHEMA = json.loads((CASES / "sarif" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
WITH_ALL = cells(*(text for entry in entries() for example, _ in entry.bad[:1] for text in example.cells))


@pytest.mark.parametrize("example", [cells("x = 1"), BROKEN, WITH_ALL], ids=["clean", "broken", "all"])
def test_sarif_is_valid_by_the_schema_of_oasis(example: Example) -> None:
    results = audit_sarif.results("dir/my nb.ipynb", read(example), findings(example))
    log = json.loads(audit_sarif.head() + results + audit_sarif.tail())
    assert [error.message for error in Draft4Validator(SCHEMA).iter_errors(log)] == []


def test_sarif_has_the_shape_of_2_1_0() -> None:
    results = audit_sarif.results("dir/my nb.ipynb", read(BROKEN), findings(BROKEN))
    log = json.loads(audit_sarif.head() + results + audit_sarif.tail())
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(rule["id"] for rule in rules)
    assert {rule["defaultConfiguration"]["level"] for rule in rules} == {"error", "warning", "note"}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        for location in [*result["locations"], *result.get("relatedLocations", [])]:
            place = location["physicalLocation"]
            assert place["artifactLocation"]["uri"] == "dir/my%20nb.ipynb"
            assert place["region"]["startLine"] >= 1
            assert place["region"]["startColumn"] >= 1
