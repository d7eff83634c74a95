"""The model of an observed run: what it takes, what was measured, what was fitted."""

from __future__ import annotations

from typing import Any

from . import served
from .describing import contract, measured, model_of
from .metrics import metrics
from .replaying import earliest
from .running import Run
from .watching import FIT


def model(run: Run) -> dict[str, Any]:
    """What is served, as this run had it."""
    chosen = served.find(run)
    found = earliest(run, chosen)
    return {
        "contract": contract(model_of(chosen, found), found),
        "metrics": [measured(one) for one in metrics(run, chosen)],
        "estimator": repr(chosen.estimator),
        "stage": chosen.stage,
        "rows": len(found.given),
        "fits": sum(call.name in FIT for call in run.calls),
    }


def model_if_any(run: Run) -> dict[str, Any]:
    """The same; nothing where the pipeline fits no model that can be described."""
    try:
        return model(run)
    except (served.NothingServedError, TypeError):
        return {}
