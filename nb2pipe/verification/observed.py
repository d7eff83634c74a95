"""What runs of a notebook in clean kernels showed of its cells: what none of them could be told from the text alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nb2pipe.execution import Border, Failure, RunRecord, Seen

from . import printed
from .model import Line

Why = Literal["", "chance", "hash"]  # it differs by itself, or only with another seed of hashes
_NOTHING = Seen(0, 0.0, {}, (), (), ())


@dataclass(frozen=True, slots=True)
class SeenCell:
    """What one cell did."""

    cell: int
    printed: tuple[str, ...] = ()
    shown: tuple[Mapping[str, str], ...] = ()  # media type -> text, of what it displayed
    bound: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()  # variables whose object is the same and holds something else
    failure: Failure | None = None
    varies: Why = ""
    parting: tuple[str, str, str] = ("", "", "")  # what varies, as it was in one run and in another
    did: Seen = _NOTHING

    def as_json(self) -> dict[str, Any]:
        """For the report of an audit."""
        return {
            "cell": self.cell,
            "seconds": self.did.seconds,
            "binds": sorted(self.bound),
            "changes": sorted(self.changed),
            "reads_files": list(self.did.reads),
            "writes_files": list(self.did.writes),
            "removes_files": list(self.did.removes),
            "varies": self.varies,
        }


@dataclass(frozen=True, slots=True)
class Observed:
    """What the runs of a notebook showed, cell by cell up to the one that ended them."""

    cells: tuple[SeenCell, ...]
    runs: int
    failure: Failure | None = None
    sizes: Mapping[int, Mapping[str, int]] = field(default_factory=dict)  # cell -> bytes of variables
    place: Path = Path()  # the notebook's folder in what was copied

    def cell(self, number: int) -> SeenCell | None:
        """What is known of a cell; None where the run did not come so far."""
        return next((one for one in self.cells if one.cell == number), None)

    def as_json(self) -> dict[str, Any]:
        """For the report of an audit."""
        failure = self.failure
        told = (
            {
                "cell": failure.cell,
                "line": failure.line or None,
                "exception": failure.name,
                "message": failure.value,
            }
            if failure is not None
            else None
        )
        return {"runs": self.runs, "failure": told, "cells": [one.as_json() for one in self.cells]}


def observed(runs: Sequence[RunRecord], other_hashes: RunRecord | None = None) -> Observed:
    """What runs set alike, and one with another seed of hashes, showed."""
    first = runs[0]
    parting = _first(runs[1:], first, "chance")
    parting |= {cell: one for cell, one in _first([other_hashes] if other_hashes else [], first, "hash").items()
                if cell not in parting}  # fmt: skip
    did = {one.cell: one for one in first.seen}
    errors = {one.cell: one for one in (*first.exceptions, *([first.failure] if first.failure else []))}
    names = _names(first.borders)
    cells = []
    for number, _ in first.stdout:
        bound, changed = names.get(number, (frozenset(), frozenset()))
        why, what = parting.get(number, ("", ("", "", "")))
        cells.append(
            SeenCell(
                number,
                tuple(_lines(first, number)),
                tuple(one.shown for one in first.displays if one.cell == number),
                bound,
                changed,
                errors.get(number),
                why,
                what,
                did.get(number, _NOTHING),
            )
        )
    sizes = {one.cell: one.sizes for one in first.seen}
    return Observed(tuple(cells), len(runs) + (other_hashes is not None), first.failure, sizes)


def _lines(run: RunRecord, cell: int) -> list[str]:
    return [line.text or "" for line in printed.lines(run.stdout) if line.cell == cell]


def _names(borders: Sequence[Border]) -> dict[int, tuple[frozenset[str], frozenset[str]]]:
    """The variables that each cell bound, and those that it changed in place."""
    found = {}
    before: Border | None = None
    for border in borders:
        known = before.variables if before is not None else {}
        bound, changed = set(), set()
        for name, value in border.variables.items():
            was = known.get(name)
            if was is None or was.identity != value.identity:
                bound.add(name)
            elif was.digest != value.digest:
                changed.add(name)
        found[border.cell] = (frozenset(bound), frozenset(changed))
        before = border
    return found


def _first(
    runs: Sequence[RunRecord], first: RunRecord, why: Why
) -> dict[int, tuple[Why, tuple[str, str, str]]]:
    """For each cell that does not do the same in another run, what differs."""
    found: dict[int, tuple[Why, tuple[str, str, str]]] = {}
    for run in runs:
        for cell, what in _partings(first, run):
            found.setdefault(cell, (why, what))
    return found


def _partings(one: RunRecord, other: RunRecord) -> Iterator[tuple[int, tuple[str, str, str]]]:
    yield from _printed_apart(printed.lines(one.stdout), printed.lines(other.stdout))
    for number, _ in one.stdout:
        shown, again = ([d for d in run.displays if d.cell == number] for run in (one, other))
        for mine, theirs in zip(shown, again, strict=False):
            if mine.value.digest != theirs.value.digest:
                yield number, ("a displayed value", mine.value.summary, theirs.value.summary)
    twins = {border.cell: border for border in other.borders}
    names = _names(one.borders)
    for border in one.borders:
        twin = twins.get(border.cell)
        bound, changed = names[border.cell]
        for name in sorted(bound | changed):
            value, again_value = border.variables[name], twin.variables.get(name) if twin else None
            if again_value is not None and again_value.digest != value.digest:
                yield border.cell, (f"`{name}`", value.summary, again_value.summary)


def _printed_apart(
    ones: Sequence[Line], others: Sequence[Line]
) -> Iterator[tuple[int, tuple[str, str, str]]]:
    for cell in dict.fromkeys(line.cell for line in ones):
        mine, theirs = ([line.text or "" for line in lines if line.cell == cell] for lines in (ones, others))
        if mine != theirs:
            at = next((n for n, pair in enumerate(zip(mine, theirs, strict=False)) if pair[0] != pair[1]), -1)
            pair = (mine[at], theirs[at]) if at >= 0 else (f"{len(mine)} lines", f"{len(theirs)} lines")
            yield cell, ("a printed line", *pair)
