"""What the notebook measured of the estimator that is served."""

from __future__ import annotations

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

    @property
    def less_is_better(self) -> bool:
        """Whether a smaller number is the better one."""
        return any(word in self.name for word in _LESS_IS_BETTER)


def metrics(run: Run, served: Served) -> list[Metric]:
    """All metrics that were computed of this estimator's predictions, in their order."""
    return [
        _metric(call)
        for call in _judgements(run, served)
        if call.name == "score" or _is_number(call.result)
    ]


def judged(run: Run, served: Served) -> list[Any]:
    """The labels that the predictions were compared to, by whatever function of metrics."""
    return [_labels(call) for call in _judgements(run, served)]


def _judgements(run: Run, served: Served) -> list[Call]:
    """The calls that were given this estimator's predictions, or made them and judged them."""
    made = [
        call.result
        for call in run.calls
        if call.name in PREDICT and call.owner is served.estimator
    ]
    return [call for call in run.calls if _is_judgement(call, served, made)]


def _is_judgement(call: Call, served: Served, made: list[Any]) -> bool:
    if call.name == "score":
        return call.owner is served.estimator
    return (
        call.owner is None and not call.name.startswith("read_") and _is_of(call, made)
    )


def _labels(call: Call) -> Any:
    return call.target if call.name == "score" else call.snapshot


def _metric(call: Call) -> Metric:
    return Metric(call.name, float(call.result), call.stage, call.line)


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or (hasattr(value, "dtype") and value.ndim == 0)


def _is_of(call: Call, made: list[Any]) -> bool:
    """Whether a metric was given these predictions, or a column of them."""
    given = call.target
    base = getattr(given, "base", None)
    return any(one is given or (base is not None and one is base) for one in made)
