"""One number for how good predictions are; more is better, 1 is perfect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_MOST_CLASSES = 20


def kind_of(labels: Sequence[Any]) -> str:
    """Whether labels are classes or numbers."""
    has_fractions = any(isinstance(one, float) and one % 1 for one in labels)
    return "number" if has_fractions or len(set(labels)) > _MOST_CLASSES else "class"


def score(predictions: Sequence[Any], labels: Sequence[Any], kind: str) -> float:
    """The share of right answers of classes, the explained variance (R2) of numbers."""
    if kind == "class":
        pairs = zip(predictions, labels)
        return sum(one == other for one, other in pairs) / max(1, len(labels))
    mean = sum(labels) / max(1, len(labels))
    spread = sum((one - mean) ** 2 for one in labels)
    missed = sum((p - y) ** 2 for p, y in zip(predictions, labels))
    return 1 - missed / spread if spread else 0.0
