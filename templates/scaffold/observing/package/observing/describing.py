"""What was seen in a run, as plain data: what the model takes, and what was measured of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .metrics import Metric
from .model import Model
from .replaying import Found
from .rows import shape_of
from .served import Served


def model_of(served: Served, found: Found) -> Model:
    """The estimator with everything that rows go through before it."""
    shape = shape_of(found.given)
    return Model(served.name, shape, found.start, served.chain, served.estimator)


def contract(model: Model, found: Found) -> dict[str, Any]:
    """What the model takes and gives; nothing of it depends on what was learned."""
    start = {**vars(model.start), "state": {}, "values": dict(model.start.values)}
    return {
        "name": model.name,
        "shape": model.shape.as_json(),
        "start": start,
        "blocked": [asdict(one) for one in found.blocked],
        "classes": None if model.classes is None else [str(c) for c in model.classes],
    }


def measured(metric: Metric) -> dict[str, Any]:
    """A metric as plain data."""
    return {
        "name": metric.name,
        "value": metric.value,
        "less_is_better": metric.less_is_better,
        "stage": metric.stage,
        "line": metric.line,
    }
