"""What IPython takes off a cell before it looks at it: margins and pasted prompts. The number of lines stays."""

import re
from textwrap import dedent

CLASSIC = re.compile(r"^\s*>>>", re.MULTILINE)
CLASSIC_FIRST = re.compile(r"^\s*>>>[ \t]?")
CLASSIC_NEXT = re.compile(r"^\s*\.\.\.[ \t]?")
TRIPLE = re.compile(r"(?<!\\)(\"\"\"|''')")
PREFIX = re.compile(r"(?i)^[rubf]*$")
NUMBERED = re.compile(r"^((?:(?:\[nav\]|\[ins\])? )?In \[\d+\]: |\s*\.{3,}: ?)")
BLANK = re.compile(r"^[ \t]+$", re.MULTILINE)
EMPTY = re.compile(r"\A(?:[^\S\n]*\n)+")
MARGIN = re.compile(r"\A\s*?^[ \t]+\S", re.MULTILINE)


def bare(source: str) -> str:
    """The cell without its common margin and without the prompts of a pasted session."""
    text = _dedented(source)
    if ">>>" in text and CLASSIC.search(text):
        text = _without_classic(text)
    if "In [" in text or "...:" in text:
        text = _without_numbered(text)
    return text


def _dedented(text: str) -> str:
    if text[:1].isspace():
        text = EMPTY.sub(lambda found: "\n" * found[0].count("\n"), text, count=1)
    if MARGIN.match(text):
        return dedent(text)
    # IPython's dedent empties lines of blanks everywhere, within strings as well
    return BLANK.sub("", text) if BLANK.search(text) else text


def _without_classic(text: str) -> str:
    lines = text.split("\n")
    kept = _kept(lines)
    if not any(CLASSIC_FIRST.match(line) for line, keep in zip(lines, kept, strict=True) if not keep):
        return text
    stripped = [line if keep else _unprompted(line) for line, keep in zip(lines, kept, strict=True)]
    return "\n".join(_segments_dedented(lines, stripped, kept))


def _unprompted(line: str) -> str:
    found = CLASSIC_FIRST.match(line) or CLASSIC_NEXT.match(line)
    return line[found.end() :] if found else line


def _segments_dedented(lines: list[str], stripped: list[str], kept: list[bool]) -> list[str]:
    done: list[str] = []
    start = 0
    for end in range(1, len(lines) + 1):
        if end < len(lines) and kept[end] == kept[start]:
            continue
        segment = stripped[start:end]
        if not kept[start] and segment != lines[start:end]:
            segment = dedent("\n".join(segment)).split("\n")
        done += segment
        start = end
    return done


def _kept(lines: list[str]) -> list[bool]:
    """For each line whether it is text within quotes, where a prompt is text too."""
    kept: list[bool] = []
    quotes, keeps, prompted = "", False, False
    for line in lines:
        kept.append(bool(quotes) and keeps)
        for found in TRIPLE.finditer(line):
            if quotes:
                quotes, keeps = ("", False) if found[1] == quotes else (quotes, keeps)
                continue
            before = line[: found.start()]
            bare_before = CLASSIC_NEXT.sub("", CLASSIC_FIRST.sub("", before, count=1), count=1)
            quotes = found[1]
            keeps = kept[-1] = not (bare_before != before and prompted) and bool(
                PREFIX.match(bare_before.strip())
            )
        prompted = prompted or bool(CLASSIC_FIRST.match(line))
    return kept


def _without_numbered(text: str) -> str:
    lines = text.split("\n")
    # empty lines at the top do not count as the first two
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if any(NUMBERED.match(line) for line in lines[first : first + 2]):
        lines[first:] = [NUMBERED.sub("", line, count=1) for line in lines[first:]]
    return "\n".join(lines)
