"""Findings as SARIF 2.1.0, for code scanning. Lines are lines of the cell; the cell is named as a logical location."""

import json
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from nb2pipe import __version__
from nb2pipe.audit import Finding, Severity, entries
from nb2pipe.notebooks import Notebook

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def head() -> str:
    """The text before the first result: the tool and its rules."""
    driver = {
        "name": "nb2pipe",
        "version": __version__,
        "semanticVersion": __version__.replace(".dev", "-dev."),
        "rules": [_rule(index) for index in range(len(entries()))],
    }
    start = json.dumps({"driver": driver}, ensure_ascii=False)
    return (
        f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{"tool": {start},'
        ' "columnKind": "unicodeCodePoints", "results": [\n'
    )


def _rule(index: int) -> dict[str, object]:
    one = entries()[index]
    what, _, why = one.text.strip().partition("\n\n")
    return {
        "id": one.rule.code,
        "name": one.rule.name,
        "shortDescription": {"text": what},
        "fullDescription": {"text": " ".join(why.split()) or what},
        "defaultConfiguration": {"level": LEVELS[one.rule.severity]},
        "properties": {"tags": [f"{one.rule.code[2]}xx"]},
    }


def results(path: str, notebook: Notebook | None, findings: Iterable[Finding]) -> str:
    """The results of one notebook, parted by commas; "" for none."""
    if notebook is None:
        return ""
    places = {entry.rule.code: index for index, entry in enumerate(entries())}
    return ",\n".join(
        json.dumps(_result(path, notebook, one, places[one.code]), ensure_ascii=False) for one in findings
    )


def tail() -> str:
    """The text behind the last result."""
    return "\n]}]}\n"


def _result(path: str, notebook: Notebook, one: Finding, index: int) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": one.code,
        "ruleIndex": index,
        "level": LEVELS[one.severity],
        "message": {"text": f"{one.told}. Way out: {one.hint}."},
        "locations": [_location(path, notebook, one.spot.cell, one.spot.line, one.spot.column)],
    }
    if one.related:
        result["relatedLocations"] = [
            {"id": number, **_location(path, notebook, spot.cell, spot.line, spot.column)}
            for number, spot in enumerate(one.related)
        ]
    if one.variable:
        result["properties"] = {"variable": one.variable}
    return result


def _location(path: str, notebook: Notebook, cell: int, line: int, column: int) -> dict[str, object]:
    identifier = notebook.code_cells[cell - 1].id
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(path)},
            "region": {"startLine": max(line, 1), "startColumn": max(column, 1)},
        },
        "logicalLocations": [
            {"name": f"cell {cell}", "fullyQualifiedName": f"cell {cell} ({identifier})", "kind": "element"}
        ],
    }


def _uri(path: str) -> str:
    return quote(Path(path).as_posix(), safe="/._-~")
