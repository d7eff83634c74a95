"""What runs of a notebook in clean kernels showed of its cells: more than its text alone can tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nb2pipe.execution import Border, Failure, RunRecord, Seen

from . import printed

Why = Literal["", "chance", "hash"]  # it differs by itself, or only with another seed of hashes
Parting = tuple[str, str, str]  # what varies, as it was in one run and in another
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
    parting: Parting = ("", "", "")
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
    place: Path = Path()  # the notebook's folder in what was copied

    @property
    def sizes(self) -> dict[int, Mapping[str, int]]:
        """By cell, about how many bytes each variable has where it ends."""
        return {one.cell: one.did.sizes for one in self.cells}

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
    with_hash = _first([other_hashes] if other_hashes else [], first, "hash")
    varying = {**with_hash, **_first(runs[1:], first, "chance")}
    did = {one.cell: one for one in first.seen}
    errors = {one.cell: one for one in (*first.exceptions, *([first.failure] if first.failure else []))}
    names = _names(first.borders)
    texts = _texts(first)
    cells = []
    for number, _ in first.stdout:
        bound, changed = names.get(number, (frozenset(), frozenset()))
        why, parting = varying.get(number, ("", ("", "", "")))
        cells.append(
            SeenCell(
                number,
                tuple(texts.get(number, ())),
                tuple(one.shown for one in first.displays if one.cell == number),
                bound,
                changed,
                errors.get(number),
                why,
                parting,
                did.get(number, _NOTHING),
            )
        )
    return Observed(tuple(cells), len(runs) + (other_hashes is not None), first.failure)


def _texts(run: RunRecord) -> dict[int, list[str]]:
    """The printed lines by the cell that began them."""
    found: dict[int, list[str]] = {}
    for line in printed.lines(run.stdout):
        found.setdefault(line.cell, []).append(line.text or "")
    return found


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


def _first(runs: Sequence[RunRecord], first: RunRecord, why: Why) -> dict[int, tuple[Why, Parting]]:
    """For each cell that does not do the same in another run, what differs."""
    found: dict[int, tuple[Why, Parting]] = {}
    for run in runs:
        for cell, what in _partings(first, run):
            found.setdefault(cell, (why, what))
    return found


def _partings(one: RunRecord, other: RunRecord) -> Iterator[tuple[int, Parting]]:
    yield from _printed_apart(_texts(one), _texts(other))
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
    ones: Mapping[int, list[str]], others: Mapping[int, list[str]]
) -> Iterator[tuple[int, Parting]]:
    for cell, mine in ones.items():
        theirs = others.get(cell, [])
        if mine != theirs:
            pairs = zip(mine, theirs, strict=False)
            counts = (f"{len(mine)} lines", f"{len(theirs)} lines")
            yield cell, ("a printed line", *next((pair for pair in pairs if pair[0] != pair[1]), counts))
