"""The rows on which the notebook judged its model, and what is found on them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..observing import served
from ..observing.describing import model_of
from ..observing.judging import judgements
from ..observing.model import Model, flat
from ..observing.replaying import earliest
from ..observing.rows import Row, to_rows
from ..observing.running import Run
from .scoring import kind_of, score
from .staleness import curve

_LEAST = 30  # rows of a slice, before it is judged
_MOST_SLICES = 8  # values of a column that is sliced by
_PERMUTED = 300  # rows that are asked again for each column


@dataclass
class Exam:
    """A model, rows, and their labels."""

    model: Model
    rows: Sequence[Row]
    labels: Sequence[Any]
    is_held_out: bool  # whether these are other rows than those that it was fitted to

    @property
    def kind(self) -> str:
        """Whether a class or a number is predicted."""
        return kind_of(self.labels)

    def score(self, rows: Sequence[Row] | None = None) -> float:
        """The score on these rows, or on changed ones in the same order."""
        answers = self.model.predict(self.rows if rows is None else rows)
        return score([one.prediction for one in answers], self.labels, self.kind)


def exam_of(run: Run) -> Exam:
    """The exam that the notebook's own metrics show; the training rows where it measured nothing."""
    chosen = served.find(run)
    model, rows = _asked(run, chosen)
    for known in reversed(judgements(run.calls, chosen.estimator)):
        labels = _listed(known.labels)
        if len(labels) == len(rows):
            return Exam(model, rows, labels, is_held_out=True)
    fitted = served.as_fitted(chosen, run)
    model, rows = _asked(run, fitted)
    labels = _listed(fitted.target)
    if len(labels) != len(rows):
        raise TypeError("no labels were seen for the rows that the model was fitted to")
    return Exam(model, rows, labels, is_held_out=False)


def _asked(run: Run, chosen: served.Served) -> tuple[Model, list[dict[str, Any]]]:
    """The model, and the rows that it was shown."""
    found = earliest(run, chosen)
    model = model_of(chosen, found)
    return model, to_rows(found.given, model.shape)


def _listed(values: Any) -> list[Any]:
    if values is None or not hasattr(values, "__len__"):
        return []
    return flat(values.to_numpy() if hasattr(values, "to_numpy") else values)


def exam(run: Run) -> dict[str, Any]:
    """Everything that is found, as plain data."""
    asked = exam_of(run)
    return {
        "kind": asked.kind,
        "held_out": asked.is_held_out,
        "rows": len(asked.rows),
        "score": asked.score(),
        "simple": simple(asked),
        "slices": slices(asked),
        "worth": worth(asked),
        "staleness": curve(asked.model, asked.rows, asked.labels),
    }


def simple(asked: Exam) -> float:
    """The score of the answer that looks at nothing: the usual class, or the mean."""
    labels = list(asked.labels)
    if asked.kind == "class":
        usual = max(sorted(set(labels), key=str), key=labels.count)
    else:
        usual = sum(labels) / len(labels)
    return score([usual] * len(labels), labels, asked.kind)


def slices(asked: Exam) -> dict[str, dict[str, float]]:
    """The score on each part of the rows that has one value in a column."""
    answers = [one.prediction for one in asked.model.predict(asked.rows)]
    found: dict[str, dict[str, float]] = {}
    for column in asked.model.shape.columns:
        values = [row[column.name] for row in asked.rows]
        if not 1 < len(set(values)) <= _MOST_SLICES:
            continue
        for value in sorted(set(values), key=str):
            places = [n for n, one in enumerate(values) if one == value]
            if len(places) >= _LEAST:
                pairs = (
                    [answers[n] for n in places],
                    [asked.labels[n] for n in places],
                )
                name = f"{column.name} = {value}"
                found[name] = {"rows": len(places), "score": score(*pairs, asked.kind)}
    return found


def worth(asked: Exam) -> dict[str, float]:
    """How much the score loses when a column's values are dealt to other rows."""
    few = Exam(
        asked.model,
        asked.rows[:_PERMUTED],
        asked.labels[:_PERMUTED],
        asked.is_held_out,
    )
    before = few.score()
    return {
        column.name: before - few.score(_dealt(few.rows, column.name))
        for column in asked.model.shape.columns
    }


def _dealt(rows: Sequence[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    values = [row[name] for row in rows]
    random.Random(0).shuffle(values)
    return [{**row, name: value} for row, value in zip(rows, values)]
