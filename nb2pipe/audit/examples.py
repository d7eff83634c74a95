"""Example notebooks of rules, audited."""

import json
from collections.abc import Mapping

from nb2pipe import graph, notebooks
from nb2pipe.analysis import gather

from .model import Example, Finding, View
from .registry import Entry


def document(example: Example) -> dict[str, object]:
    """The notebook of an example as nbformat 4 has it; without counts it looks freshly run."""
    return {
        "cells": [_cell(example, number, text) for number, text in enumerate(example.cells, 1)],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(example: Example, number: int, text: str) -> Mapping[str, object]:
    return {
        "cell_type": "code",
        "id": f"c{number}",
        "metadata": {},
        "execution_count": example.counts[number - 1] if example.counts else number,
        "outputs": list(example.outputs.get(number, ())),
        "source": text,
    }


def findings_of(entry: Entry, example: Example) -> list[Finding]:
    """What one rule finds in an example."""
    notebook = notebooks.parse(json.dumps(document(example)).encode(), "example.ipynb")
    return list(entry.check(View(graph.build(gather(notebook)))))
