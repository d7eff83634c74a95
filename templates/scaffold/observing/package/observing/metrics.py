"""What the notebook measured of the estimator that is served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .judging import judgements
from .running import Run
from .served import Served
from .watching import Call

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
    calls = [one.call for one in judgements(run.calls, served.estimator)]
    return [
        _metric(call)
        for call in calls
        if call.name == "score" or _is_number(call.result)
    ]


def _metric(call: Call) -> Metric:
    return Metric(call.name, float(call.result), call.stage, call.line)


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or (hasattr(value, "dtype") and value.ndim == 0)
