"""Percent scripts: a Python file whose cells begin with `# %%`."""

import json
import re
from collections.abc import Iterator

from nb2pipe.notebooks.formats import Contents
from nb2pipe.notebooks.model import Cell, CellKind

RANK = 20
MARKER = re.compile(r"^#[ \t]*%%(?P<options>[ \t].*|\[.*|)$")
OPTIONS = re.compile(
    r"^(?P<title>.*?)\s*(?:\[(?P<kind>markdown|md|raw)\])?\s*(?P<metadata>\w[\w.\-]*=.*|\{.*\})?$"
)
TAGS = re.compile(r"""\btags["']?\s*[=:]\s*(?P<tags>\[[^\]]*\])""")
HEADER = re.compile(r"\A(?:#!.*\n|#.*coding[:=].*\n)*# ---[ \t]*\n(?:#.*\n)*?# ---[ \t]*(?:\n|\Z)")
COMMENTED = re.compile(
    r"^(?P<indent>\s*)# ?(?=%{1,2}[a-zA-Z_]|!\s*[\w.~$\\/{}]|\?{1,2}\w|[^\s?#]+\?{1,2}\s*$|[a-zA-Z_]\w*\s*=\s*[%!][a-zA-Z])"
)
KINDS: dict[str | None, CellKind] = {"markdown": "markdown", "md": "markdown", "raw": "raw", None: "code"}


def claims(text: str, path: str) -> bool:
    """Any Python file: one without markers is one cell."""
    return path.endswith(".py") or any(MARKER.match(line) for line in text.split("\n"))


def contents(text: str, _path: str) -> Contents:
    """The cells between the markers; a header as jupytext writes it is no cell."""
    cells: list[Cell] = []
    number = 0
    header = HEADER.match(text)
    for marker, lines in _parts(text[header.end() :] if header else text):
        title, kind, tags = _options(marker)
        body = _code(lines) if kind == "code" else _prose(lines)
        number += kind == "code"
        counted = number if kind == "code" else 0
        cells.append(Cell(kind, body, len(cells), counted, f"cell-{len(cells)}", tags, title=title))
    return Contents(tuple(cells))


def _parts(text: str) -> Iterator[tuple[str, list[str]]]:
    marker: str | None = None
    lines: list[str] = []
    for line in text.split("\n"):
        found = MARKER.match(line)
        if not found:
            lines.append(line)
            continue
        if marker is not None or any(map(str.strip, lines)):
            yield marker or "", lines
        marker, lines = found["options"], []
    if marker is not None or any(map(str.strip, lines)):
        yield marker or "", lines


def _options(marker: str) -> tuple[str, CellKind, frozenset[str]]:
    found = OPTIONS.match(marker.strip())
    if not found:
        return marker.strip(), "code", frozenset()
    return found["title"].strip(), KINDS[found["kind"]], _tags(found["metadata"] or "")


def _tags(metadata: str) -> frozenset[str]:
    found = TAGS.search(metadata)
    if not found:
        return frozenset()
    try:
        return frozenset(str(tag) for tag in json.loads(found["tags"].replace("'", '"')))
    except ValueError:
        return frozenset()


def _code(lines: list[str]) -> str:
    text = _trimmed(lines)
    if text and _magic(text[0]).startswith("%%") and all(not line or line.startswith("#") for line in text):
        return "\n".join(re.sub("^# ?", "", line) for line in text)  # jupytext comments a whole cell magic
    return "\n".join(map(_magic, text))


def _magic(line: str) -> str:
    found = COMMENTED.match(line)
    return found["indent"] + line[found.end() :] if found else line


def _prose(lines: list[str]) -> str:
    text = _trimmed(lines)
    for quotes in ('"""', "'''"):
        joined = "\n".join(text)
        if joined.startswith(quotes) and joined.endswith(quotes) and len(joined) >= 6:
            return joined[3:-3].strip("\n")
    return "\n".join(re.sub("^# ?", "", line) for line in text)


def _trimmed(lines: list[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]
