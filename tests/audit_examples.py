"""Example notebooks of the audit's rules, as notebooks that are read and audited."""

import json

from nb2pipe import analysis, graph, notebooks
from nb2pipe.audit import Example, Finding, audit
from nb2pipe.audit.examples import document


def read(example: Example) -> notebooks.Notebook:
    """The notebook of an example."""
    return notebooks.parse(json.dumps(document(example)).encode(), "nb.ipynb")


def findings(example: Example, files: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """What the audit finds in an example."""
    return audit(graph.build(analysis.gather(read(example))), files)


def cells(*texts: str, counts: tuple[int | None, ...] | None = None) -> Example:
    """An example without outputs."""
    return Example(texts, counts)
