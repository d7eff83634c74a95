"""The rules of monitoring/alerts.yml, asked without Prometheus: `name > number`, or `name < number`."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

RULES = Path(__file__).resolve().parents[2] / "monitoring" / "alerts.yml"
_ALERT = re.compile(r"- alert: (\w+)\s+expr: (\w+) ([<>]) ([0-9.e]+)\n")
_NUMBER = re.compile(r"^(\w+)(?:\{[^}]*\})? (\S+)$", re.MULTILINE)
_SIGNS = {"<": operator.lt, ">": operator.gt}


@dataclass(frozen=True)
class Alert:
    """One rule."""

    name: str
    metric: str
    sign: str
    limit: float

    def fires(self, numbers: Mapping[str, list[float]]) -> bool:
        """Whether one of the metric's values is beyond the limit."""
        values = numbers.get(self.metric, [])
        return any(_SIGNS[self.sign](value, self.limit) for value in values)


def alerts() -> list[Alert]:
    """All rules of the file."""
    return [
        Alert(name, metric, sign, float(limit))
        for name, metric, sign, limit in _ALERT.findall(RULES.read_text("utf-8"))
    ]


def firing(text: str) -> set[str]:
    """The names of the rules that fire for this answer of /metrics."""
    numbers: dict[str, list[float]] = {}
    for name, value in _numbers(text):
        numbers.setdefault(name, []).append(value)
    return {one.name for one in alerts() if one.fires(numbers)}


def _numbers(text: str) -> Iterator[tuple[str, float]]:
    for name, value in _NUMBER.findall(text):
        yield name, float(value)
