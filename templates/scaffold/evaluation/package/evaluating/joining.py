"""Labels that came late, joined to the predictions that were logged."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .scoring import kind_of, score


@dataclass(frozen=True)
class Joined:
    """What was predicted, and what came true."""

    version: str
    row: Mapping[str, Any]
    prediction: Any
    label: Any


def joined(log: Path, labels: Path) -> list[Joined]:
    """The predictions whose label is known: `labels` is a CSV file with the columns id and label."""
    with labels.open(encoding="utf-8", newline="") as file:
        known = {line["id"]: line["label"] for line in csv.DictReader(file)}
    return [
        Joined(one["version"], one["row"], one["prediction"], _as(one, known))
        for one in _lines(log)
        if one["id"] in known
    ]


def _lines(log: Path) -> Iterator[dict[str, Any]]:
    with log.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _as(logged: Mapping[str, Any], known: Mapping[str, str]) -> Any:
    """The label, of the type that the prediction has."""
    text, kind = known[logged["id"]], type(logged["prediction"])
    try:
        return kind(float(text)) if kind in (int, float) else text
    except ValueError:
        return text


def by_version(found: list[Joined]) -> dict[str, dict[str, float]]:
    """The score of each version on what came true."""
    kind = kind_of([one.label for one in found])
    versions = sorted({one.version for one in found})
    return {
        version: _score([j for j in found if j.version == version], kind)
        for version in versions
    }


def by_slice(found: list[Joined], column: str) -> dict[str, dict[str, float]]:
    """The score for each value of a column."""
    kind = kind_of([one.label for one in found])
    values = sorted({str(one.row.get(column)) for one in found})
    return {
        value: _score([j for j in found if str(j.row.get(column)) == value], kind)
        for value in values
    }


def _score(found: list[Joined], kind: str) -> dict[str, float]:
    predictions = [one.prediction for one in found]
    labels = [one.label for one in found]
    return {"rows": len(found), "score": score(predictions, labels, kind)}
