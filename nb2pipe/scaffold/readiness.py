"""The production-readiness card: each line passes by evidence that ran, never by a file that is there."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .evidence import Evidence, Owners
from .model import PLACEHOLDER

Status = Literal["pass", "manual", "missing"]
_POINTS: Mapping[Status, float] = {"pass": 1.0, "manual": 0.5, "missing": 0.0}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the card."""

    name: str
    promise: str
    status: Status
    evidence: tuple[str, ...]  # tests that ran; or why it is missing


@dataclass(frozen=True, slots=True)
class Card:
    """The six lines, and the rubric's 28."""

    lines: tuple[Line, ...]
    rubric: tuple[Line, ...]  # named "data.1" to "monitoring.7"

    @property
    def is_ready(self) -> bool:
        """Whether no line of the six is missing."""
        return all(line.status != "missing" for line in self.lines)

    @property
    def sections(self) -> Mapping[str, float]:
        """The points of each section of the rubric."""
        points: dict[str, float] = {}
        for line in self.rubric:
            section = line.name.partition(".")[0]
            points[section] = points.get(section, 0.0) + _POINTS[line.status]
        return points

    @property
    def score(self) -> float:
        """The ML Test Score: the least of the four sections."""
        return min(self.sections.values())

    @property
    def automated(self) -> int:
        """How many of the rubric's tests run by themselves."""
        return sum(line.status == "pass" for line in self.rubric)


@functools.cache
def _questions() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("rubric.toml").read_text(encoding="utf-8"))


def card(evidence: Evidence, owners: Owners, now: Mapping[str, str]) -> Card:
    """The card of a repository, from what its tests showed, and the digests of its files as they are."""
    told = _questions()
    stale = evidence.stale(now) if evidence.shown else ()
    lines = tuple(_line(one, evidence, owners, stale) for one in told["line"])
    rubric = tuple(
        _asked(f"{section}.{number}", text, (f"{section}.{number}",), evidence, owners, stale)
        for section, texts in told["rubric"].items()
        for number, text in enumerate(texts, 1)
    )
    return Card(lines, rubric)


def _line(told: Mapping[str, Any], evidence: Evidence, owners: Owners, stale: tuple[str, ...]) -> Line:
    line = _asked(told["name"], told["promise"], tuple(told["needs"]), evidence, owners, stale)
    unfilled = [key for key in ("owner", "backup") if _is_placeholder(getattr(owners, key))]
    if told.get("owners") and unfilled:
        why = f"readiness.yaml: fill in {' and '.join(unfilled)}"
        known = line.evidence if line.status == "missing" else ()
        return Line(line.name, line.promise, "missing", (why, *known))
    return line


def _is_placeholder(owner: str) -> bool:
    return not owner or owner == PLACEHOLDER


def _asked(
    name: str,
    promise: str,
    claims: tuple[str, ...],
    evidence: Evidence,
    owners: Owners,
    stale: tuple[str, ...],
) -> Line:
    """The line that needs these claims."""
    problems = [why for claim in claims if (why := _problem(claim, evidence, stale))]
    if not problems:
        tests = tuple(dict.fromkeys(one.test for claim in claims for one in evidence.of(claim)))
        return Line(name, promise, "pass", tests)
    by_hand = owners.manual.get(name)
    failed = any(not one.passed for claim in claims for one in evidence.of(claim))
    if by_hand and not failed:
        return Line(name, promise, "manual", (by_hand,))
    return Line(name, promise, "missing", tuple(problems))


def _problem(claim: str, evidence: Evidence, stale: tuple[str, ...]) -> str:
    """Why a claim is not shown; "" where it is."""
    if not evidence.shown:
        return "the tests did not run here: make test"
    tests = evidence.of(claim)
    if not tests:
        return f"no test shows {claim}"
    failed = [one.test for one in tests if not one.passed]
    if failed:
        return f"{failed[0]} did not pass"
    if stale:
        return f"the tests ran on other files ({stale[0]}): make test"
    return ""
