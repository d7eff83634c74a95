"""A baseline: findings that are known and accepted, so that only new ones count.

A finding is known by its rule, its variable and its source line, so that it stays known when cells move.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping

from nb2pipe.errors import InputError
from nb2pipe.notebooks import Notebook

from .model import Finding

SCHEMA = "nb2pipe.baseline/1"
Known = Mapping[str, Counter[str]]


def mark(notebook: Notebook, one: Finding) -> str:
    """What a finding is known by."""
    lines = notebook.code_cells[one.spot.cell - 1].source.split("\n")
    line = lines[one.spot.line - 1].strip() if one.spot.line <= len(lines) else ""
    return hashlib.sha256("\0".join((one.code, one.variable or "", line)).encode()).hexdigest()[:16]


def unknown(notebook: Notebook, findings: Iterable[Finding], known: Counter[str]) -> tuple[Finding, ...]:
    """The findings that the baseline does not hold; each mark covers as many as it was saved with."""
    left = Counter(known)
    new = []
    for one in findings:
        key = mark(notebook, one)
        if left[key] > 0:
            left[key] -= 1
        else:
            new.append(one)
    return tuple(new)


def dumped(marks: Mapping[str, Iterable[str]]) -> str:
    """The text of a baseline file, from the marks by notebook."""
    content = {path: dict(sorted(Counter(ones).items())) for path, ones in sorted(marks.items())}
    return json.dumps({"schema": SCHEMA, "notebooks": content}, indent=1) + "\n"


def loaded(text: str, path: str) -> Known:
    """The marks by notebook."""
    try:
        content = json.loads(text)
        is_ours = content["schema"] == SCHEMA
        known = {
            name: Counter({str(key): int(value) for key, value in ones.items()})
            for name, ones in content["notebooks"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        is_ours, known = False, {}
    if not is_ours:
        raise InputError(f"{path} is no baseline of nb2pipe; make one with --write-baseline {path}")
    return known
