"""The open cells of a notebook -> its findings, by cell. Nothing is run, and nothing is read from disk."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nb2pipe import audit, graph, notebooks
from nb2pipe.analysis import gather
from nb2pipe.audit import Finding, allowing, matching


@dataclass(frozen=True, slots=True)
class OpenCell:
    """One cell as the editor holds it."""

    uri: str
    source: str
    is_code: bool
    count: int | None = None


def findings_of(cells: Sequence[OpenCell]) -> Mapping[str, tuple[Finding, ...]]:
    """The findings by the cell's address; cells without findings have an empty tuple, so that old ones go away."""
    found = wanted_findings(notebooks.parse(json.dumps(_document(cells)).encode(), "open.ipynb"))
    code = [cell for cell in cells if cell.is_code]
    return {
        cell.uri: tuple(one for one in found if one.spot.cell == number)
        for number, cell in enumerate(code, 1)
    }


def wanted_findings(notebook: notebooks.Notebook) -> tuple[Finding, ...]:
    """The findings of a notebook, without what its own remarks allow."""
    facts = gather(notebook, with_hazards=False)
    allowed, _ = allowing.allowed_in(facts)
    return allowing.wanted(audit.audit(graph.build(facts)), matching(["all"])[0], allowed)


def _document(cells: Sequence[OpenCell]) -> dict[str, object]:
    return {
        "cells": [_cell(one, at) for at, one in enumerate(cells)],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(cell: OpenCell, at: int) -> dict[str, object]:
    head: dict[str, object] = {"id": f"c{at}", "metadata": {}, "source": cell.source}
    if not cell.is_code:
        return head | {"cell_type": "markdown"}
    return head | {"cell_type": "code", "outputs": [], "execution_count": cell.count}
