"""Where the notebook is cut into stages: the cheapest segmentation, found by dynamic programming.

Every border between two cells has a price (what would cross it, less what speaks for it: a heading, a change of
role), every stage has a price that grows with the square of its length. Borders that would change the meaning are
not for sale: a closure must see a variable rebound, a name that is bound on one branch only must be read where it is.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from .effects import Effect

MAX_CELLS = 80  # of one stage, unless no cut is possible
_CUT = 1.6
_CROSSING = 0.12
_HEAVY = 0.5  # for ten times as many bytes, from a megabyte on


@dataclass(frozen=True, slots=True)
class Border:
    """The border before a cell, with what speaks for and against it."""

    crossing: int  # variables that would pass
    heading: int  # level of the heading before the cell, 0 for none
    role_change: str  # "" or the role that begins
    is_closed: str  # why no cut may fall here, else ""
    title: str = ""  # of that heading
    forced: str = ""  # why a cut must fall here
    weight: int = 0  # bytes that would pass, as far as a run has shown

    @property
    def price(self) -> float:
        """What a cut here costs; less is better."""
        bonus = {1: 2.4, 2: 2.2, 3: 1.2, 4: 0.6}.get(self.heading, 0.3 if self.heading else 0.0)
        passing = _CROSSING * min(self.crossing, 12) + _HEAVY * math.log10(max(1.0, self.weight / 1e6))
        return _CUT + passing - bonus - (0.7 if self.role_change else 0.0)

    @property
    def reason(self) -> str:
        """Why one would cut here, in words."""
        size = f" ({in_words(self.weight)})" if self.weight else ""
        crossing = (
            f"1 variable{size} crosses" if self.crossing == 1 else f"{self.crossing} variables{size} cross"
        )
        begins = f"begins to {self.role_change}" if self.role_change else ""
        heading = f'heading "{self.title}"' if self.title else ""
        return ", ".join(part for part in (self.forced, heading, begins, crossing) if part)


def in_words(size: int) -> str:
    """A number of bytes as a person says it."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size} {unit}"
        size = round(size / 1000)
    return f"{size} GB"


def segment(borders: Sequence[Border], weights: Sequence[float]) -> list[int]:
    """The positions (of cells) at which the stages begin; always starts with 0.

    `weights[i]` is how much work cell i holds: cells that leave no code behind weigh nothing.
    """
    count = len(borders)
    target = min(10.0, max(2.5, sum(weights) / 6))
    sums = [0.0]
    for weight in weights:
        sums.append(sums[-1] + weight)
    prices = [max(0.05, one.price) if place and not one.forced else 0.0 for place, one in enumerate(borders)]
    forced = [bool(one.forced) for one in borders]
    infinite = float("inf")
    best, back = [0.0] + [infinite] * count, [0] * (count + 1)
    for end in range(1, count + 1):
        closed_end = end < count and borders[end].is_closed and not borders[end].forced
        if closed_end:
            continue
        whole, least = sums[end], infinite
        for start in range(end - 1, -1, -1):
            if best[start] < infinite:
                weight = whole - sums[start]
                length = (weight / target) ** 2 if weight >= 1.0 else _length_price(weight, target)
                price = best[start] + length + prices[start]
                if price < least:
                    best[end] = least = price
                    back[end] = start
            if forced[start] or (end - start >= MAX_CELLS and least < infinite):
                break
    starts, end = [], count
    while end > 0:
        end = back[end]
        starts.append(end)
    return starts[::-1]


def _length_price(weight: float, target: float) -> float:
    """A stage without code is absurd; a long one is dear."""
    return 30.0 if weight <= 0 else (weight / target) ** 2 + 6.0 * max(0.0, 1.0 - weight)


def crossing(effects_by_cell: Sequence[Sequence[Effect]]) -> list[int]:
    """How many variables are alive at the border before each cell."""
    count = len(effects_by_cell)
    difference = [0] * (count + 1)
    for _, first, last in _lives(effects_by_cell):
        difference[first] += 1
        difference[last + 1] -= 1
    return list(accumulate(difference))[:count]


def bytes_alive(effects_by_cell: Sequence[Sequence[Effect]], sizes: Sequence[Mapping[str, int]]) -> list[int]:
    """About how many bytes are alive at the border before each cell; `sizes[i]` are those where cell i ends."""
    found = [0] * len(effects_by_cell)
    for name, first, last in _lives(effects_by_cell):
        for border in range(first, last + 1):
            found[border] += sizes[border - 1].get(name, 0)
    return found


def _lives(effects_by_cell: Sequence[Sequence[Effect]]) -> Iterator[tuple[str, int, int]]:
    """The first and last border (before a cell) across which a variable must pass to its next reader."""
    last_event: dict[str, int] = {}
    for position, cell in enumerate(effects_by_cell):
        exposed, bound, _ = exposure(cell)
        for name in exposed:
            if name in last_event and last_event[name] < position:
                yield name, last_event[name] + 1, position
            last_event[name] = position
        for name in bound:
            last_event[name] = position


def exposure(effects: Sequence[Effect]) -> tuple[set[str], set[str], set[str]]:
    """The variables that a run of statements needs from before, those that it binds, and those that it may leave.

    A name that is bound on some paths only keeps its old value on the others: it is needed from before when
    somebody later looks at it.
    """
    exposed: set[str] = set()
    kept: set[str] = set()
    bound: set[str] = set()
    sure: set[str] = set()
    for effect in effects:
        exposed |= (effect.needs | effect.deletes) - sure
        kept |= effect.maybe - sure
        sure |= effect.sure
        sure -= effect.deletes
        bound |= effect.sure | effect.maybe
        bound -= effect.deletes
    return exposed, bound, kept - exposed


@dataclass(frozen=True, slots=True)
class Span:
    """Cells (by position) between which no cut may fall, and why."""

    first: int
    last: int
    reason: str


def spans(
    effects: Sequence[Effect], position: Mapping[int, int], last_calls: Mapping[tuple[int, int], int]
) -> list[Span]:
    """The runs of cells that must stay together.

    A function that outlives its statement sees its variables change only inside one stage; a variable that perhaps
    is not bound cannot be handed over. `last_calls` tells of some functions (by the place of their definition) the
    cell in which they run last.
    """
    bound_at: dict[str, list[int]] = {}
    for effect in effects:
        for name in effect.sure | effect.maybe | effect.deletes:
            bound_at.setdefault(name, []).append(position[effect.cell])
    found: list[Span] = []
    seen: set[str] = set()
    unsure: dict[str, int] = {}
    looped: dict[str, int] = {}
    for effect in effects:
        here = position[effect.cell]
        end = position.get(last_calls.get((effect.cell, effect.place), 0), len(position))
        changes = {name: _last_until(end, bound_at[name]) for name in effect.deferred if name in bound_at}
        found += [
            Span(here, last, f"a function sees `{name}` change later") for name, last in changes.items()
        ]
        missing = [name for name in effect.needs if name in unsure]
        found += [Span(unsure[name], here, f"`{name}` is bound on one branch only") for name in missing]
        empty = [name for name in effect.needs - effect.firm if name in looped]
        found += [Span(looped[name], here, f"`{name}` is not bound where a loop is empty") for name in empty]
        for name in effect.sure | effect.firm:
            looped.pop(name, None)
        for name in effect.sure:
            unsure.pop(name, None)
        for name in (effect.maybe & effect.looped) - seen:
            looped.setdefault(name, here)
        for name in (effect.maybe - effect.looped - seen) | (effect.maybe_deletes & seen):
            unsure.setdefault(name, here)
        seen |= effect.sure | effect.looped
        seen -= effect.deletes
    return sorted(
        (one for one in found if one.first < one.last), key=lambda one: (one.first, one.last, one.reason)
    )


def _last_until(end: int, places: Sequence[int]) -> int:
    """The last of these ascending places that is not behind `end`; -1 for none."""
    return places[at - 1] if (at := bisect_right(places, end)) else -1


def closed_borders(together: Sequence[Span]) -> dict[int, str]:
    """Borders (before a position) at which no cut may fall, with the reason."""
    closed: dict[int, str] = {}
    reached = 0
    for span in together:
        for border in range(max(span.first, reached) + 1, span.last + 1):
            closed[border] = span.reason
        reached = max(reached, span.last)
    return closed
