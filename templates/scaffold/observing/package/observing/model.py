"""From rows to predictions: the pipeline's own stages, then the fitted estimators."""

from __future__ import annotations

import copy
import io
import threading
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any

from ..pipeline import PIPELINE
from ..runner.runner import Session
from .rows import Row, Shape, from_rows

_replaying = threading.Lock()  # stages change the process that they run in


@dataclass
class Start:
    """Where rows enter: the stages that they go through, and what else those need."""

    stages: Sequence[str] = ()
    frame: str = ""  # the variable that holds the rows
    feature: str = ""  # the variable that the stages make of them
    columns: Sequence[Any] = ()  # of it, that the estimator takes
    is_series: bool = False  # whether it takes the one column as a series
    # Name, place and a value of what stages split off, and no request has.
    label: Sequence[Any] = ()
    state: Mapping[str, Any] = field(default_factory=dict)  # the other variables
    values: Mapping[str, Any] = field(default_factory=dict)  # the parameters


@dataclass
class Model:
    """What answers requests."""

    name: str
    shape: Shape
    start: Start
    chain: Sequence[Any]
    estimator: Any

    @property
    def classes(self) -> list[Any] | None:
        """The labels that it tells apart, where it gives a probability for each."""
        if not hasattr(self.estimator, "predict_proba"):
            return None
        found = getattr(self.estimator, "classes_", None)
        return (
            None if found is None or getattr(found, "ndim", 1) != 1 else found.tolist()
        )

    def features(self, rows: Sequence[Row]) -> Any:
        """What the estimator is given for these rows."""
        data = from_rows(rows, self.shape)
        if self.start.stages:
            data = replayed(self.start, data)
        for step in self.chain:
            data = step.transform(data)
        return data

    def predict(self, rows: Sequence[Row]) -> list[Answer]:
        """An answer for each row."""
        data = self.features(rows)
        found = flat(self.estimator.predict(data))
        classes = self.classes
        if classes is None:
            return [Answer(one) for one in found]
        chances = self.estimator.predict_proba(data).tolist()
        names = [str(one) for one in classes]
        return [Answer(one, dict(zip(names, row))) for one, row in zip(found, chances)]


@dataclass(frozen=True)
class Answer:
    """A prediction, and the probability of each class."""

    prediction: Any
    probabilities: Mapping[str, float] | None = None


def flat(found: Any) -> list[Any]:
    """Predictions or labels as a list; of a table of one column, its values."""
    listed = found.tolist() if hasattr(found, "tolist") else list(found)
    return [
        one[0] if isinstance(one, list) and len(one) == 1 else one for one in listed
    ]


def replayed(start: Start, data: Any) -> Any:
    """The rows after the stages, in the columns that the estimator takes."""
    if start.label:
        name, place, value = start.label
        data = data.copy()
        data.insert(place, name, [value] * len(data))
    names = {**copy.deepcopy(dict(start.state)), start.frame: data}
    # Stages print and draw for a person who watches a run, not for a request.
    with _replaying, redirect_stdout(io.StringIO()):
        names = run_stages(start.stages, names, start.values)
    found = names[start.feature].loc[data.index, list(start.columns)]
    return found.iloc[:, 0] if start.is_series else found


def run_stages(
    stages: Sequence[str], names: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """The variables after these stages; nothing that they show is kept."""
    with Session(PIPELINE, values, None) as session:
        session.prepare()
        session.names.update(names)
        for name in stages:
            session.run(PIPELINE.stage(name))
        return dict(session.names)
