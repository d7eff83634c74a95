"""What the score would be, had the model not been trained on the newest rows."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from ..observing.model import Model
from ..observing.rows import Row
from .scoring import kind_of, score

_PARTS = 4
_LEAST = 40  # rows, before it is asked


def curve(model: Model, rows: Sequence[Row], labels: Sequence[Any]) -> dict[str, float]:
    """The score on the last quarter, after a training on rows that end so many quarters before it.

    Rows are taken to stand in the order of time. Nothing where the estimator cannot be fitted anew.
    """
    size = len(rows) // _PARTS
    if len(rows) < _LEAST:
        return {}
    kind, asked = kind_of(labels), rows[-size:]
    found = {}
    for gap in range(_PARTS - 1):
        end = len(rows) - size * (gap + 1)
        known = slice(end - size, end)
        fitted = _fitted(model, rows[known], labels[known])
        if fitted is None:
            return {}
        answers = [one.prediction for one in fitted.predict(asked)]
        found[f"{gap} quarters old"] = score(answers, labels[-size:], kind)
    return found


def _fitted(model: Model, rows: Sequence[Row], labels: Sequence[Any]) -> Model | None:
    try:
        from sklearn.base import clone

        estimator: Any = clone(model.estimator)
        estimator.fit(model.features(rows), list(labels))
    except Exception:  # noqa: BLE001 - other libraries, one class only, ...
        return None
    fresh = copy.copy(model)
    fresh.estimator = estimator
    return fresh
