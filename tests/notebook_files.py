"""Notebooks for tests, from the texts of their cells."""

import json
from pathlib import Path

from nb2pipe import analysis, notebooks


def notebook(*cells: str) -> dict[str, object]:
    """An nbformat 4 notebook; a cell that starts with `#md ` is markdown, `#tags a,b` on the first line gives tags."""
    return {
        "cells": [_cell(number, text) for number, text in enumerate(cells)],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(number: int, text: str) -> dict[str, object]:
    if text.startswith("#md "):
        return {"cell_type": "markdown", "id": f"c{number}", "metadata": {}, "source": text[4:]}
    metadata: dict[str, object] = {}
    if text.startswith("#tags "):
        tags, _, text = text.partition("\n")
        metadata = {"tags": tags[6:].split(",")}
    code: dict[str, object] = {"cell_type": "code", "execution_count": None, "outputs": []}
    return {**code, "id": f"c{number}", "metadata": metadata, "source": text}


def facts_of(*cells: str) -> analysis.Facts:
    """The facts of such a notebook."""
    return analysis.gather(notebooks.parse(json.dumps(notebook(*cells)).encode(), "nb.ipynb"))


def write_notebook(folder: Path, *cells: str, name: str = "nb.ipynb") -> Path:
    """Such a notebook as a file."""
    path = folder / name
    path.write_text(json.dumps(notebook(*cells)), encoding="utf-8")
    return path
