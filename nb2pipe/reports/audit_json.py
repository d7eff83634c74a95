"""Audited notebooks as JSON, as the contract has it."""

import json
from collections.abc import Iterable

from nb2pipe.audit import Finding
from nb2pipe.graph import CellNames, VariableGraph
from nb2pipe.notebooks import Notebook
from nb2pipe.verification.observed import Observed

NAMES = ("reads", "writes", "mutates", "deletes", "imports", "defines")


def record(
    path: str,
    notebook: Notebook | None,
    graph: VariableGraph | None,
    findings: Iterable[Finding],
    error: str | None,
    run: Observed | None = None,
) -> dict[str, object]:
    """One notebook's part of the report."""
    if notebook is None or graph is None:
        return {
            "path": path,
            "status": "unreadable",
            "error": error,
            "cells": [],
            "edges": [],
            "order": None,
            "findings": [],
        }
    ids = {cell.number: cell.id for cell in notebook.code_cells}
    return {
        "path": path,
        "status": "read",
        "error": None,
        "cells": [_cell(notebook, names) for names in graph.cells],
        "edges": [
            {"from": edge.source, "to": edge.target, "variable": edge.variable, "kind": edge.kind}
            for edge in graph.edges
        ],
        "order": {
            "document": graph.order.document,
            "suggested": list(graph.order.cells),
            "reason": graph.order.reason,
        },
        "findings": [_finding(one, ids) for one in findings],
        **({"run": run.as_json()} if run is not None else {}),
    }


def _cell(notebook: Notebook, names: CellNames) -> dict[str, object]:
    cell = notebook.code_cells[names.number - 1]
    head = {
        "cell": cell.number,
        "index": cell.index,
        "cell_id": cell.id,
        "execution_count": cell.execution_count,
    }
    return head | {name: sorted(getattr(names, name)) for name in NAMES}


def _finding(one: Finding, ids: dict[int, str]) -> dict[str, object]:
    return {
        "code": one.code,
        "name": one.name,
        "severity": one.severity.value,
        "message": one.message,
        "hint": one.hint,
        "cell": one.spot.cell,
        "cell_id": ids.get(one.spot.cell, ""),
        "line": one.spot.line,
        "column": one.spot.column,
        "variable": one.variable,
        "related": [{"cell": spot.cell, "line": spot.line} for spot in one.related],
        **({"seen": one.seen} if one.seen else {}),
    }


def head() -> str:
    """The text before the first notebook."""
    return '{"schema": "nb2pipe.audit/1",\n "notebooks": [\n'


def body(part: dict[str, object]) -> str:
    """One notebook's text."""
    return json.dumps(part, ensure_ascii=False)


def tail() -> str:
    """The text behind the last notebook."""
    return "\n]}\n"
