"""What the notebook measured of the estimator that is served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .running import Run
from .served import Served
from .watching import PREDICT, Call

_LESS_IS_BETTER = ("error", "loss", "deviance", "distance")


@dataclass(frozen=True)
class Metric:
    """A number that the notebook computed, and where."""

    name: str
    value: float
    stage: str
    line: int
    labels: Any = None  # what the predictions were compared to

    @property
    def less_is_better(self) -> bool:
        """Whether a smaller number is the better one."""
        return any(word in self.name for word in _LESS_IS_BETTER)

    def is_worse_than(self, other: float) -> bool:
        """Whether this is worse than another value of the same metric."""
        return self.value > other if self.less_is_better else self.value < other


def metrics(run: Run, served: Served) -> list[Metric]:
    """All metrics that were computed of this estimator's predictions, in their order."""
    made = [
        call.result
        for call in run.calls
        if call.name in PREDICT and call.owner is served.estimator
    ]
    return list(_found(run, served, made))


def judged(run: Run, served: Served) -> list[Any]:
    """The labels that the predictions were compared to, by whatever function of metrics."""
    made = [
        call.result
        for call in run.calls
        if call.name in PREDICT and call.owner is served.estimator
    ]
    return [
        call.target if call.name == "score" else call.snapshot
        for call in run.calls
        if _is_judgement(call, served, made)
    ]


def _is_judgement(call: Call, served: Served, made: list[Any]) -> bool:
    if call.name == "score":
        return call.owner is served.estimator
    return (
        call.owner is None and not call.name.startswith("read_") and _is_of(call, made)
    )


def _found(run: Run, served: Served, made: list[Any]) -> Iterator[Metric]:
    for call in run.calls:
        if call.owner is None and not call.name.startswith("read_"):
            if _is_number(call.result) and _is_of(call, made):
                yield _metric(call, call.snapshot)
        elif call.name == "score" and call.owner is served.estimator:
            yield _metric(call, call.target)


def _metric(call: Call, labels: Any) -> Metric:
    return Metric(call.name, float(call.result), call.stage, call.line, labels)


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or (hasattr(value, "dtype") and value.ndim == 0)


def _is_of(call: Call, made: list[Any]) -> bool:
    """Whether a metric was given these predictions, or a column of them."""
    given = call.target
    base = getattr(given, "base", None)
    return any(one is given or (base is not None and one is base) for one in made)
