"""Which calls judged an estimator's predictions, and by which labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .watching import PREDICT, Call


@dataclass(eq=False)
class Judgement:
    """One look at how good predictions are."""

    call: Call  # of a function of metrics, or of `score`
    predicted: Call  # what it judged; `score` predicts by itself
    labels: Any


def judgements(calls: Sequence[Call], estimator: Any) -> list[Judgement]:
    """All of an estimator's predictions, in their order."""
    made = [one for one in calls if one.name in PREDICT and one.owner is estimator]
    found = [_judgement(call, made) for call in calls]
    return [one for one in found if one is not None]


def _judgement(call: Call, made: Sequence[Call]) -> Judgement | None:
    if call.name == "score":
        return Judgement(call, call, call.target) if call in made else None
    if call.owner is not None or call.name.startswith("read_"):
        return None
    # Usually the labels come first, but not everybody keeps to it.
    for given, labels in ((call.target, call.snapshot), (call.argument, call.target)):
        for one in reversed(made):
            if _is_of(given, one.result):
                return Judgement(call, one, labels)
    return None


def _is_of(given: Any, result: Any) -> bool:
    """Whether these are the predictions, or a column of them."""
    base = getattr(given, "base", None)
    return given is result or (base is not None and base is result)
