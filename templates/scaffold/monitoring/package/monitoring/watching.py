"""Numbers for Prometheus over the last requests; `monitoring/alerts.yml` says when they are too high."""

from __future__ import annotations

import math
import resource
import time
from calendar import timegm
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Gauge

from ..observing.model import Answer
from ..serving.champion import Champion
from .drift import ks, psi
from .quality import faults

_WINDOW = 1000  # requests, and rows
_ENOUGH = 50  # rows, before anything is said about a distribution


class Watcher:
    """Remembers the last requests and rows; `look` turns them into numbers."""

    def __init__(self, champion: Champion, registry: CollectorRegistry) -> None:
        self.champion = champion
        self.requests: deque[tuple[int, float]] = deque(maxlen=_WINDOW)
        self.rows: deque[Mapping[str, Any]] = deque(maxlen=_WINDOW)
        self.predictions: deque[Any] = deque(maxlen=_WINDOW)
        self._gauges = _gauges(registry)
        self._version = ""
        self._reference: dict[str, Any] = {}

    def request(self, path: str, status: int, took: float) -> None:
        """A request was answered."""
        if path == "/v1/predict":
            self.requests.append((status, took))

    def answered(
        self, rows: Sequence[Mapping[str, Any]], answers: Sequence[Answer]
    ) -> None:
        """Rows were answered."""
        self.rows.extend(rows)
        self.predictions.extend(answer.prediction for answer in answers)

    def look(self) -> None:
        """Set the numbers; called when Prometheus asks for them."""
        for name, value in self._numbers().items():
            self._gauges[name].set(value)
        for column, reference in self._now()["columns"].items():
            values = [row.get(column) for row in tuple(self.rows)]
            is_enough = len(values) >= _ENOUGH
            drift = (psi(reference, values), ks(reference, values))
            for name, value in zip(("feature_psi", "feature_ks"), drift):
                self._gauges[name].labels(column).set(value if is_enough else 0.0)

    def _numbers(self) -> dict[str, float]:
        requests = tuple(self.requests)
        statuses = [status for status, _ in requests]
        predictions = tuple(self.predictions)
        columns = self.champion.loaded.model.shape.columns
        odd = [bool(faults(row, columns)) for row in tuple(self.rows)]
        moved = psi(self._now()["predictions"], predictions)
        return {
            "latency": _quantile([took for _, took in requests], 0.99),
            "failures": _share([status >= 500 for status in statuses]),
            "refused": _share([400 <= status < 500 for status in statuses]),
            "quality": _share(odd),
            "numbers": _share([_is_no_number(one) for one in predictions]),
            "predictions_psi": moved if len(predictions) >= _ENOUGH else 0.0,
            "age": self._age(),
            "ready": 0.0 if self.champion.trouble else 1.0,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0,
        }

    def _now(self) -> dict[str, Any]:
        """The reference of the version that answers."""
        version = self.champion.loaded.version
        if version != self._version:
            self._reference = self.champion.registry.reference(version)
            self._version = version
        return self._reference

    def _age(self) -> float:
        made = self.champion.registry.manifest(self.champion.loaded.version)["made"]
        return time.time() - timegm(time.strptime(made, "%Y-%m-%dT%H:%M:%SZ"))


def _gauges(registry: CollectorRegistry) -> dict[str, Gauge]:
    told = {
        "latency": ("service_latency_p99_seconds", "99 of 100 answers are as fast"),
        "failures": ("service_failure_ratio", "Share of requests that failed"),
        "refused": ("service_refused_ratio", "Share of requests that were refused"),
        "quality": ("service_odd_rows_ratio", "Share of rows unlike the training data"),
        "numbers": ("service_no_number_ratio", "Share of predictions that are none"),
        "predictions_psi": ("service_prediction_psi", "Drift of the predictions"),
        "age": ("service_model_age_seconds", "Since the model was trained"),
        "ready": ("service_ready", "Whether the champion answers"),
        "memory": ("service_memory_bytes", "The most memory that was needed"),
    }
    found = {key: Gauge(*names, registry=registry) for key, names in told.items()}
    for key, name, about in (
        ("feature_psi", "service_feature_psi", "Stability index of a column"),
        ("feature_ks", "service_feature_ks", "Kolmogorov-Smirnov distance of a column"),
    ):
        found[key] = Gauge(name, about, ("column",), registry=registry)
    return found


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _is_no_number(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))
