"""What both sides displayed, and which files they wrote."""

import ast
import re
from collections.abc import Mapping
from itertools import zip_longest

from nb2pipe.execution import Display, FileState, RunRecord

from . import parts, printed
from .model import Difference, NotCompared
from .question import UNSTABLE, Findings, Question, cause_in
from .stable import same_file

_TEXTS = dict.fromkeys(("DataFrame", "Series"), ("text/plain", "text/html")) | {"Styler": ("text/html",)}
_IDENTITY = re.compile(r"\bT_[0-9a-f]{5,}")  # of a styled table, drawn at random


def compare_displays(question: Question, run: RunRecord, found: Findings) -> None:
    """What was displayed, one by one."""
    wanted, got = question.expected.first.displays, run.displays
    counts_vary = len({len(record.displays) for record in question.expected.records}) > 1
    ended_alike = (run.failure is None) == (question.expected.first.failure is None)
    if len(wanted) != len(got) and not counts_vary and ended_alike:
        found.differences.append(_other_number(question, run))
        return
    for number, (one, other) in enumerate(zip(wanted, got, strict=False), 1):
        pair, name = ("display", str(number), ""), f"display {number}"
        stage = question.stage_of(one.cell)
        if counts_vary or question.expected.is_unstable("display", str(number), one.cell):
            cause = cause_in(question, [one.cell])
            found.left_out[pair] = NotCompared("display", name, UNSTABLE, one.cell, stage, cause)
        elif told := _apart(one, other):
            found.differences.append(Difference("display", name, stage, one.cell, None, *told, run.mode))
        elif one.value.reasons:
            found.left_out[pair] = NotCompared("display", name, one.value.reasons[0], one.cell, stage)
        else:
            found.compared.add(pair)


def compare_replayed(question: Question, run: RunRecord, filled: RunRecord, found: Findings) -> None:
    """What a warm cache showed, against what the run that filled it showed."""
    if any(kind == "display" for kind, _, _ in question.expected.unstable):
        return
    nothing: Mapping[str, str] = {}
    for number, (one, other) in enumerate(zip_longest(filled.shown, run.shown, fillvalue=nothing), 1):
        if one.keys() != other.keys() or _text(one) != _text(other):
            name, stage, cell = f"display {number}", question.stage_of(question.last_cell), question.last_cell
            told = (_summary(one), _summary(other))
            found.differences.append(Difference("display", name, stage, cell, None, *told, run.mode))
            return


def _summary(shown: Mapping[str, str]) -> str:
    return _text(shown)[:120] or ", ".join(shown) or "nothing"


def _text(shown: Mapping[str, str]) -> str:
    return printed.normal(shown.get("text/plain", ""))


def _other_number(question: Question, run: RunRecord) -> Difference:
    """One side displays more: told at the first display in which they part."""
    wanted, got = question.expected.first.displays, run.displays
    pairs = enumerate(zip(wanted, got, strict=False))
    places = (place for place, (one, other) in pairs if one.value.digest != other.value.digest)
    place = next(places, min(len(wanted), len(got)))
    cell = wanted[min(place, len(wanted) - 1)].cell if wanted else question.last_cell
    told = (f"{len(wanted)} displays in all", f"{len(got)} displays in all")
    return Difference("display", f"display {place + 1}", question.stage_of(cell), cell, None, *told, run.mode)


def _apart(one: Display, other: Display) -> tuple[str, str] | None:
    """Both displays in words; None where they agree."""
    if one.value.digest != other.value.digest:
        return parts.difference(one.value, other.value)
    if _shown_alike(one.value.kind, one.shown, other.shown):
        return None
    mine, theirs = (side.shown.get("text/plain", "")[:120] for side in (one, other))
    return f"shown another way: {mine}", theirs


def _shown_alike(kind: str, one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether tables look the same: their options are no part of their values."""
    common = [media for media in _TEXTS.get(kind, ()) if media in one and media in other]
    return all(_words(one[media]) == _words(other[media]) for media in common)


def _words(text: str) -> list[str]:
    return _IDENTITY.sub("T_", printed.normal(text)).split()


def compare_files(question: Question, run: RunRecord, found: Findings) -> None:
    """The files that were written or deleted."""
    wanted, got = question.expected.first.files, run.files
    for name in sorted(wanted.keys() | got.keys()):
        pair = ("file", name, "")
        one, other = wanted.get(name), got.get(name)
        varies = question.expected.is_unstable("file", name, 0)
        cell = _writer(question, name)
        if ((one is None or other is None) and not varies) or (one is not None and other is None):
            told = ("written" if one else "not written", "written" if other else "not written")
            found.differences.append(
                Difference("file", name, question.stage_of(cell), cell, None, *told, run.mode)
            )
        elif varies:
            found.left_out[pair] = NotCompared(
                "file", name, UNSTABLE, cell, question.stage_of(cell), cause_in(question, [cell])
            )
        elif same_file(one, other):
            found.compared.add(pair)
        else:
            told = (_size(one), _size(other))
            found.differences.append(
                Difference("file", name, question.stage_of(cell), cell, None, *told, run.mode)
            )


def _size(state: FileState | None) -> str:
    return f"{state.size} bytes, digest {state.digest[:12]}" if state and state.digest else "deleted"


def _writer(question: Question, name: str) -> int:
    """The cell whose text names the file; else the last."""
    short = name.rpartition("/")[2]
    for number, tree in question.parsed.items():
        texts = (
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        if any(short in text for text in texts):
            return number
    return question.last_cell
