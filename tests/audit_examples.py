"""Example notebooks of the audit's rules, as notebooks that are read and audited."""

import json

from nb2pipe import analysis, graph, notebooks
from nb2pipe.audit import Example, Finding, audit


def read(example: Example) -> notebooks.Notebook:
    """The notebook of an example."""
    return notebooks.parse(json.dumps(document(example)).encode(), "nb.ipynb")


def document(example: Example) -> dict[str, object]:
    """The notebook of an example as nbformat 4 has it."""
    return {
        "cells": [_cell(example, number, text) for number, text in enumerate(example.cells, 1)],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(example: Example, number: int, text: str) -> dict[str, object]:
    count = example.counts[number - 1] if example.counts else number
    outputs = list(example.outputs.get(number, ()))
    head: dict[str, object] = {
        "cell_type": "code",
        "id": f"c{number}",
        "metadata": {},
        "execution_count": count,
    }
    return head | {"outputs": outputs, "source": text}


def findings(example: Example, files: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """What the audit finds in an example."""
    return audit(graph.build(analysis.gather(read(example))), files)


def cells(*texts: str, counts: tuple[int | None, ...] | None = None) -> Example:
    """An example without outputs."""
    return Example(texts, counts)
