"""VariableGraph -> Findings: what in a notebook works only by luck. One fault a file in `rules/`."""

from nb2pipe.graph import VariableGraph

from .model import Example, Finding, Rule, Severity, Spot, View, by_place
from .registry import Entry, entries, find, matching

__all__ = [
    "Entry",
    "Example",
    "Finding",
    "Rule",
    "Severity",
    "Spot",
    "View",
    "audit",
    "by_place",
    "entries",
    "find",
    "matching",
]


def audit(graph: VariableGraph, files: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """All findings of a notebook, by place; `files` are the names of what lies beside it."""
    view = View(graph, files)
    found = {finding: None for one in entries() for finding in one.check(view)}
    return by_place(found)
