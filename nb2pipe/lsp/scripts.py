"""The text of a percent script -> its findings, with the lines of the file on which its cells begin."""

from collections.abc import Iterator

from nb2pipe import notebooks
from nb2pipe.audit import Finding
from nb2pipe.notebooks.formats.percent import HEADER, MARKER

from .checking import wanted_findings


def is_script(text: str) -> bool:
    """Whether a Python file is a notebook: it has a cell marker."""
    return any(MARKER.match(line) for line in text.split("\n"))


def findings_in(text: str) -> tuple[Finding, ...]:
    """The findings of the script, by code cell."""
    return wanted_findings(notebooks.parse(text.encode(), "open.py"))


def code_starts(text: str) -> tuple[int, ...]:
    """The line, from 0, on which each code cell's text begins."""
    kinds = [cell.kind for cell in notebooks.parse(text.encode(), "open.py").cells]
    starts = zip(_starts(text), kinds, strict=True)
    return tuple(start for start, kind in starts if kind == "code")


def _starts(text: str) -> Iterator[int]:
    """The first line with text in each cell; the marker's own where a cell has none."""
    header = HEADER.match(text)
    skipped = text[: header.end()].count("\n") if header else 0
    marker = first = -1  # the lines of the cell's marker and of its first text
    for number, line in enumerate(text.split("\n")):
        if number >= skipped and MARKER.match(line):
            if max(marker, first) >= 0:
                yield max(marker, first)
            marker, first = number, -1
        elif number >= skipped and first < 0 and line.strip():
            first = number
    if max(marker, first) >= 0:
        yield max(marker, first)
