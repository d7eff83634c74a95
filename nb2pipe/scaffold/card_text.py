"""The card for the terminal and as JSON."""

import json
from dataclasses import asdict

from .readiness import Card, Line

_SHOWN = 2  # tests of a line that are named in the text


def as_text(card: Card) -> str:
    """One line for each of the six, then the rubric, then the score."""
    width = max(len(line.name) for line in card.lines)
    lines = [_text(line, width) for line in card.lines]
    rubric = [_text(line, width) for line in card.rubric]
    points = ", ".join(f"{name} {value:g}" for name, value in card.sections.items())
    score = (
        f"ML Test Score {card.score:g} ({points}); {card.automated} of {len(card.rubric)} run by themselves"
    )
    return "\n".join([*lines, "", *rubric, "", score])


def _text(line: Line, width: int) -> str:
    more = len(line.evidence) - _SHOWN
    told = [*line.evidence[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
    return f"{line.name:{width}}  {line.status:7}  {line.promise}: {'; '.join(told)}"


def as_json(card: Card) -> str:
    """Everything, for scripts."""
    told = {
        "schema": "nb2pipe.readiness/1",
        "ready": card.is_ready,
        "lines": [asdict(line) for line in card.lines],
        "rubric": [asdict(line) for line in card.rubric],
        "sections": card.sections,
        "score": card.score,
        "automated": card.automated,
    }
    return json.dumps(told, indent=1)
