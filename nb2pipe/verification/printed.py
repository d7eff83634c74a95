"""Printed text: what counts of it, and where two texts part."""

import re
from collections.abc import Iterator, Sequence

from .model import Line

# What %time, %%time and %timeit add is no part of the result.
_TIMINGS = re.compile(
    r"^(?:CPU times|Wall time|Compiler *|Parser *): .*\n|^.* per loop \(mean .*\n", re.MULTILINE
)
_TIMINGS_IN_LINE = re.compile(
    r"CPU times: (?:user|total)[: ][^\n]*\n(?:Compiler *: [^\n]*\n)?(?:Wall time: [^\n]*(?:\n|\Z))?"
)
ADDRESS = re.compile(r"(?<= at )0x[0-9a-f]{9,16}\b|0x7[0-9a-f]{11}\b")
_TIMES_AT_END = re.compile(r"^(?:CPU times|Wall time): .*\Z|^.* per loop \(mean .*\Z", re.MULTILINE)
# In this order; a generated test leaves them out, too.
NOT_PART = (_TIMINGS_IN_LINE, _TIMINGS, _TIMES_AT_END)


def normal(text: str) -> str:
    """The text without timings, carriage returns before line ends, and memory addresses."""
    text = text.replace("\r\n", "\n")
    for pattern in NOT_PART:
        text = pattern.sub("", text)
    return ADDRESS.sub("0x..", text)


def lines(parts: Sequence[tuple[int, str]]) -> list[Line]:
    """The lines of a run with the cell that printed each; a line counts for the cell that began it."""
    found: list[Line] = []
    is_open = False
    for cell, text in parts:
        for piece in _split(normal(text)):
            if is_open:
                last = found.pop()
                found.append(Line(f"{last.text}{piece}", last.cell))
            else:
                found.append(Line(piece, cell))
            is_open = not piece.endswith("\n")
    return [Line((line.text or "").removesuffix("\n"), line.cell) for line in found]


def _split(text: str) -> list[str]:
    r"""Lines by `\n` alone: a progress bar's `\r` does not end one."""
    pieces = text.split("\n")
    whole = [f"{piece}\n" for piece in pieces[:-1]]
    return whole + ([pieces[-1]] if pieces[-1] else [])


def agreed(runs: Sequence[Sequence[Line]]) -> tuple[Line, ...]:
    """The lines that all runs agree on, with holes where they do not."""
    first = runs[0]
    if len({len(run) for run in runs}) == 1:
        return tuple(_merged(together) for together in zip(*runs, strict=True))
    found: list[Line] = []
    for cell in dict.fromkeys(line.cell for line in first):
        groups = [[line for line in run if line.cell == cell] for run in runs]
        if len({len(group) for group in groups}) == 1:
            found.extend(_merged(together) for together in zip(*groups, strict=True))
        else:
            found.append(Line(None, cell, many=True))
    known = {line.cell for line in first}
    late = sorted({line.cell for run in runs[1:] for line in run} - known)
    return tuple(found) + tuple(Line(None, cell, many=True) for cell in late)


def _merged(together: Sequence[Line]) -> Line:
    first = together[0]
    return first if len({line.text for line in together}) == 1 else Line(None, first.cell)


def first_difference(
    wanted: Sequence[Line], got: Sequence[Line]
) -> tuple[int, Line | None, Line | None] | None:
    """Where `got` first parts from `wanted`: place in `wanted`, the wanted and the got line; None where it fits."""
    for start, segment, is_last in _segments(wanted):
        place = _fit(segment, got, anchored_start=start == 0, anchored_end=is_last)
        if place is None:
            return _parting(start, segment, got)
        got = got[place + len(segment) :]
    return None


def _segments(wanted: Sequence[Line]) -> Iterator[tuple[int, Sequence[Line], bool]]:
    """Runs of lines between holes of unknown length."""
    start = 0
    for place, line in enumerate(wanted):
        if line.many:
            yield start, wanted[start:place], False
            start = place + 1
    yield start, wanted[start:], True


def _fit(
    segment: Sequence[Line], got: Sequence[Line], anchored_start: bool, anchored_end: bool
) -> int | None:
    """The first place where the segment fits into `got`."""
    last = len(got) - len(segment)
    if anchored_start and anchored_end:
        places: Sequence[int] = [0] if last == 0 else []
    elif anchored_start:
        places = [0] if last >= 0 else []
    else:
        places = [last] if anchored_end else range(last + 1)
    return next(
        (at for at in places if at >= 0 and all(map(_same, segment, got[at : at + len(segment)]))), None
    )


def _same(wanted: Line, got: Line) -> bool:
    return wanted.text is None or wanted.text == got.text


def _parting(
    start: int, segment: Sequence[Line], got: Sequence[Line]
) -> tuple[int, Line | None, Line | None]:
    for place in range(max(len(segment), len(got))):
        want = segment[place] if place < len(segment) else None
        have = got[place] if place < len(got) else None
        if want is None or have is None or not _same(want, have):
            return start + place, want, have
    return start, None, None
