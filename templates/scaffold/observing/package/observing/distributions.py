"""How values are distributed, in few numbers: enough to see later that they have moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .model import Model
from .rows import Row, Shape

_BINS = 10
_KEPT = 1000  # values of a number, for the test of Kolmogorov and Smirnov


def distribution(rows: Sequence[Row], shape: Shape, model: Model) -> dict[str, Any]:
    """Of each column, and of the predictions."""
    columns = {
        one.name: of_values([row[one.name] for row in rows], one.type)
        for one in shape.columns
        if one.type in ("number", "integer", "boolean") or one.values is not None
    }
    predicted = [answer.prediction for answer in model.predict(rows)]
    is_number = all(isinstance(one, float) for one in predicted)
    kind = "number" if is_number else "string"
    return {"columns": columns, "predictions": of_values(predicted, kind)}


def of_values(values: Sequence[Any], kind: str) -> dict[str, Any]:
    """Edges and shares of a number, or shares of each text; and the share that is missing."""
    known = [one for one in values if one is not None]
    missing = 1 - len(known) / len(values) if values else 0.0
    if kind in ("number", "integer") and len(set(known)) > _BINS:
        edges = _edges(known)
        kept = sorted(known)[:: max(1, len(known) // _KEPT)]
        shares = share_of_bins(known, edges)
        return {"edges": edges, "shares": shares, "values": kept, "missing": missing}
    return {"shares": share_of_texts(known), "missing": missing}


def _edges(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    inner = [ordered[len(ordered) * n // _BINS] for n in range(1, _BINS)]
    return sorted({float(one) for one in inner})


def share_of_bins(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    """The share of the values between each two edges."""
    counts = [0] * (len(edges) + 1)
    for value in values:
        counts[sum(value >= edge for edge in edges)] += 1
    return [count / max(1, len(values)) for count in counts]


def share_of_texts(values: Sequence[Any]) -> dict[str, float]:
    """The share of each value."""
    counts = Counter(str(one) for one in values)
    return {name: count / max(1, len(values)) for name, count in sorted(counts.items())}
