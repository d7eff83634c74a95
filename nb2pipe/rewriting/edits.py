"""Edits of source text by place; what no edit touches keeps the author's bytes."""

import io
import re
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_FEED = re.compile(r"^[ \t]*\f")  # Python counts the indentation anew after a form feed
# A line that is nothing but a string between triple quotes.
_ONE_LINE_STRING = re.compile(r"""^[ \t]*(\"{3}|'{3})[^"'\\\n]*\1[ \t]*$""", re.MULTILINE)
_FSTRING_START = getattr(tokenize, "FSTRING_START", -1)
_FSTRING_END = getattr(tokenize, "FSTRING_END", -1)


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the text between two places; columns are UTF-8 bytes, as ast counts them; lines start at 1."""

    line: int
    column: int
    last_line: int
    last_column: int
    text: str


def apply(source: str, edits: Iterable[Edit]) -> str:
    """The source with all edits made. Edits do not overlap; at one place the shorter span comes first."""
    lines = source.split("\n")
    for edit in sorted(
        edits, key=lambda one: (one.line, one.column, one.last_line, one.last_column), reverse=True
    ):
        head = _bytes(lines[edit.line - 1])[: edit.column].decode("utf-8", "surrogatepass")
        tail = _bytes(lines[edit.last_line - 1])[edit.last_column :].decode("utf-8", "surrogatepass")
        lines[edit.line - 1 : edit.last_line] = (head + edit.text + tail).split("\n")
    return "\n".join(lines)


def between(source: Sequence[str], line: int, column: int, last_line: int, last_column: int) -> str:
    """The text between two places of a source that is split into lines."""
    if line == last_line:
        return _bytes(source[line - 1])[column:last_column].decode("utf-8", "surrogatepass")
    first = _bytes(source[line - 1])[column:].decode("utf-8", "surrogatepass")
    last = _bytes(source[last_line - 1])[:last_column].decode("utf-8", "surrogatepass")
    return "\n".join([first, *source[line : last_line - 1], last])


def indent(source: str, prefix: str = "    ") -> str:
    """The source one level deeper; lines that continue a string literal stay as they are."""
    inside = _string_lines(source)
    return "\n".join(
        line if number in inside or not line.strip() else prefix + _FEED.sub("", line)
        for number, line in enumerate(source.split("\n"), start=1)
    )


def _string_lines(source: str) -> set[int]:
    """The lines that begin inside a string literal."""
    rest = _ONE_LINE_STRING.sub("", source)
    if '"""' not in rest and "'''" not in rest and "\\\n" not in rest:
        return set()
    found: set[int] = set()
    starts: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(source + "\n").readline):
        if token.type == _FSTRING_START:
            starts.append(token.start[0])
        elif token.type == _FSTRING_END and starts:
            found.update(range(starts.pop() + 1, token.end[0] + 1))
        elif token.type == tokenize.STRING:
            found.update(range(token.start[0] + 1, token.end[0] + 1))
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
