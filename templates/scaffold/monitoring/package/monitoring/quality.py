"""What holds of the rows that the model was trained on, and does not of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..observing.rows import Column

_LOOSE = 0.5  # of the range, beyond each end: what was seen is not all there is


def faults(row: Mapping[str, Any], columns: Sequence[Column]) -> list[str]:
    """The columns whose value is missing, far outside, or of no kind that was seen."""
    return [one.name for one in columns if _is_odd(row.get(one.name), one)]


def _is_odd(value: Any, column: Column) -> bool:
    if value is None:
        return not column.nullable
    if column.low is not None and column.high is not None:
        if not isinstance(value, (int, float)):
            return True
        slack = _LOOSE * max(column.high - column.low, abs(column.high) * 0.1)
        return not column.low - slack <= value <= column.high + slack
    return column.values is not None and str(value) not in column.values
