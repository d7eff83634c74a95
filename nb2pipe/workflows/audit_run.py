"""What runs of a notebook add to its audit: findings that were seen to be so, and findings that only a run shows."""

import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from nb2pipe import audit as rules
from nb2pipe.analysis import CellFacts, Facts
from nb2pipe.audit import Finding, Spot, saved
from nb2pipe.verification import Observed, SeenCell, printed, sources

RANDOM = frozenset(("NB401", "NB402", "NB403"))
CLOCK, ORDER, STALE, OVERWRITES, APPENDS, SAVED_ERROR = "NB404", "NB405", "NB208", "NB302", "NB303", "NB209"
VARYING = RANDOM | {CLOCK, ORDER}
_TIME = re.compile(r"\b\d\d?:\d\d:\d\d\b")
_HINTS = {
    "NB401": "give what draws numbers a seed",
    CLOCK: "make the date a parameter of the notebook",
    ORDER: "sort what has no order of its own",
}


def seen_in_run(findings: Sequence[Finding], facts: Facts, run: Observed) -> tuple[Finding, ...]:
    """The findings, with what the run showed of each, and more."""
    known = [replace(one, seen=_seen(one, run)) for one in findings]
    more = [*_stale(facts, run, known), *_overwritten(run, known), *_varying(facts, run, known)]
    return rules.by_place((*known, *more))


def stopped(run: Observed) -> str:
    """In words, where a clean run stops; nothing where it does not."""
    if run.failure is None:
        return ""
    line = f", line {run.failure.line}" if run.failure.line else ""
    return (
        f"a clean run stops in cell {run.failure.cell}{line}: {_error(run.failure.name, run.failure.value)}"
    )


# -- what the text told already -------------------------------------------------------------------------------------------


def _seen(one: Finding, run: Observed) -> str:
    cell = run.cell(one.spot.cell)
    if cell is None:
        return ""
    if one.code == SAVED_ERROR and cell.failure is None:
        return "a clean run passes this cell"
    if cell.failure is not None and (one.severity is rules.Severity.ERROR or one.code == SAVED_ERROR):
        return f"a clean run stops here: {_error(cell.failure.name, cell.failure.value)}"
    if one.code in VARYING and cell.varies:
        return _apart(cell)
    if one.code in (OVERWRITES, APPENDS) and cell.did.writes:
        return f"the run wrote {', '.join(_named(name, run.place) for name in cell.did.writes[:3])}"
    return ""


def _apart(cell: SeenCell) -> str:
    what, one, other = cell.parting
    return f"{what} was {_short(one)} in one run, {_short(other)} in another"


def _error(name: str, value: str) -> str:
    return f"{name}: {value}".split("\n", maxsplit=1)[0][:200]


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _named(name: str, place: Path) -> str:
    return Path(os.path.relpath(name, place)).as_posix()


# -- what only a run tells ------------------------------------------------------------------------------------------------


def _stale(facts: Facts, run: Observed, known: Sequence[Finding]) -> Iterator[Finding]:
    """Saved outputs that no clean run gives."""
    told = {one.spot.cell for one in known if one.code == STALE}
    for cell in facts.cells:
        seen = run.cell(cell.number)
        if seen is None or seen.varies or seen.failure is not None or cell.number in told:
            continue
        if saved.outputs(cell) and "clear_output" not in cell.lifted.cell.source:
            what = _other_output(cell, seen)
            if what:
                yield replace(_finding(STALE, cell.number, what=what), seen="compared with a clean run")


def _other_output(cell: CellFacts, seen: SeenCell) -> str:
    parting = _parting(printed.normal(saved.printed(cell)).rstrip(), "\n".join(seen.printed).rstrip())
    if parting:
        return f"the saved output is {parting[0]}, but a clean run prints {parting[1]}"
    for mine, theirs in zip(_results(cell), _shown(seen), strict=False):
        parting = _parting(mine, theirs)
        if parting:
            return f"the saved result is {parting[0]}, but a clean run gives {parting[1]}"
    return ""


def _parting(one: str, other: str) -> tuple[str, str] | None:
    """The first lines that differ, for reading; blanks and the last digits of numbers count for nothing."""
    for mine, theirs in zip_longest(one.split("\n"), other.split("\n"), fillvalue=""):
        ones, others = mine.split(), theirs.split()
        if len(ones) != len(others) or not all(map(_alike, ones, others)):
            return _quoted(mine), _quoted(theirs)
    return None


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-9)
    except ValueError:
        return False


def _results(cell: CellFacts) -> list[str]:
    shown = (
        one for one in saved.outputs(cell) if one.get("output_type") in ("execute_result", "display_data")
    )
    data = (one.get("data") for one in shown)
    texts = (one.get("text/plain") for one in data if isinstance(one, dict) and not _is_picture(one))
    return [printed.normal(saved.text(one)) for one in texts]


def _shown(seen: SeenCell) -> list[str]:
    return [printed.normal(one.get("text/plain", "")) for one in seen.shown if not _is_picture(one)]


def _is_picture(data: Mapping[str, object]) -> bool:
    return any(str(media).startswith("image/") for media in data)


def _quoted(line: str) -> str:
    return repr(_short(line.strip())) if line.strip() else "nothing"


def _overwritten(run: Observed, known: Sequence[Finding]) -> Iterator[Finding]:
    """Files that a cell read and the same or a later cell wrote."""
    told = {one.spot.cell for one in known if one.code in (OVERWRITES, APPENDS)}
    readers: dict[str, int] = {}
    written: set[str] = set()
    for cell in run.cells:
        for name in cell.did.reads:
            if name not in written:
                readers.setdefault(name, cell.cell)
        for name in cell.did.writes:
            if name in readers and name not in written and cell.cell not in told:
                path = repr(_named(name, run.place))
                told.add(cell.cell)
                yield replace(
                    _finding(OVERWRITES, cell.cell, path=path, reader=readers[name]),
                    seen="the run changed the file",
                )
            written.add(name)


def _varying(facts: Facts, run: Observed, known: Sequence[Finding]) -> Iterator[Finding]:
    """The first cell that does not do the same in every run, where the text says nothing of the kind up to there."""
    explained = {one.spot.cell for one in known if one.code in VARYING}
    for cell in run.cells:
        if cell.cell in explained:
            return
        if cell.varies:
            code = _why(facts, cell)
            finding = _finding(code, cell.cell, stream="", cure="", name="", what="")
            message = "clean runs of this cell do not give the same"
            yield replace(finding, message=message, hint=_HINTS[code], seen=_apart(cell))
            return


def _why(facts: Facts, cell: SeenCell) -> str:
    if cell.varies == "hash":
        return ORDER
    cause = sources.cause(sources.trees([facts.cells[cell.cell - 1].lifted]), [cell.cell])
    is_time = any(word in cause for word in ("time", "now", "today", "clock"))
    return CLOCK if is_time or all(_TIME.search(text) for text in cell.parting[1:]) else "NB401"


def _finding(code: str, cell: int, **words: object) -> Finding:
    entry = rules.find(code)
    assert entry is not None
    return entry.rule.at(Spot(cell), **words)  # type: ignore[arg-type]
