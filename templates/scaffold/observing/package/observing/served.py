"""Which estimator is served: fitted in the run, then used to predict, evaluated last."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .choice import SERVE
from .judging import judgements
from .running import Run
from .watching import FIT, PREDICT, STAGES, TRANSFORM, Call


class NothingServedError(Exception):
    """The run fitted nothing that predicts."""


@dataclass
class Served:
    """The estimator, what data goes through before it, and the data that it met."""

    name: str  # as the notebook says it: "model", "models['forest']"
    estimator: Any
    chain: Sequence[Any]  # fitted transformers, in order
    given: Any  # the rows before the chain
    target: Any  # the labels that it was fitted to
    stage: str


def find(run: Run, wish: str = SERVE) -> Served:
    """The estimator that is served; NothingServedError says what is missing."""
    fits = [call for call in run.calls if call.name in FIT]
    fitted = {id(call.owner): call for call in fits}
    used = [call for call in run.calls if call.name in PREDICT]
    used = [call for call in used if id(call.owner) in fitted]
    if wish:
        name, owner = wish, named(wish, run.names)
        used = [call for call in used if call.owner is owner]
    else:
        name, owner = _chosen(used or _that_predict(fits), run)
    calls = _shown(owner, used, run) or [call for call in fits if call.owner is owner]
    if not calls:
        raise NothingServedError(f"{wish} was not fitted in this run")
    target = fitted[id(owner)].target if id(owner) in fitted else None
    return _served(name, owner, calls[-1], target, run)


def as_fitted(served: Served, run: Run) -> Served:
    """The same estimator with the rows that it was fitted to."""
    fits = [one for one in run.calls if one.name in FIT]
    (*_, call) = [one for one in fits if one.owner is served.estimator]
    return _served(served.name, served.estimator, call, call.target, run)


def _served(name: str, owner: Any, call: Call, target: Any, run: Run) -> Served:
    chain, given = _before(call, run.calls)
    return Served(name, owner, chain, given, target, call.stage)


def _shown(owner: Any, used: Sequence[Call], run: Run) -> list[Call]:
    """The predictions that were judged; without such, those of many rows."""
    calls = [call for call in used if call.owner is owner]
    judged = [one.predicted for one in judgements(run.calls, owner)]
    # A look at the first rows, or at one example, is no judgement; nor is a grid that is drawn.
    most = max((_size(call.snapshot) for call in judged or calls), default=0)
    return [one for one in judged or calls if _size(one.snapshot) > max(1, most / 10)]


def _that_predict(fits: Sequence[Call]) -> list[Call]:
    return [call for call in fits if hasattr(call.owner, "predict")]


def _chosen(calls: Sequence[Call], run: Run) -> tuple[str, Any]:
    """The last one; where it is one of several in a container, the one that a variable picks."""
    if not calls:
        raise NothingServedError("no estimator was fitted and used to predict")
    owner = calls[-1].owner
    for name, value in run.names.items():
        if value is owner and not name.startswith("_"):
            return name, owner
    for name, key in _in_containers(owner, run.names):
        container = run.names[name]
        for picker in _pickers():
            picked = run.names.get(picker)
            if isinstance(picked, str) and picked in container:
                return f"{name}[{picker}]", container[picked]
        return f"{name}[{key!r}]", owner
    return type(owner).__name__, owner


def _in_containers(owner: Any, names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in names.items():
        if isinstance(value, dict):
            yield from ((name, key) for key, one in value.items() if one is owner)


def _pickers() -> set[str]:
    """The variables that the stages use as keys."""
    trees = [ast.parse(path.read_text("utf-8")) for path in Path(STAGES).glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    keys = [node.slice for node in nodes if isinstance(node, ast.Subscript)]
    return {key.id for key in keys if isinstance(key, ast.Name)}


def named(words: str, names: Mapping[str, Any]) -> Any:
    """The value of `name`, `name[key]` or `name["key"]`; nothing is evaluated."""
    try:
        node = ast.parse(words, mode="eval").body
        if isinstance(node, ast.Name):
            return names[node.id]
        assert isinstance(node, ast.Subscript)
        assert isinstance(node.value, ast.Name)
        key = node.slice
        picked = names[key.id] if isinstance(key, ast.Name) else ast.literal_eval(key)
        return names[node.value.id][picked]
    except (SyntaxError, AssertionError, KeyError, IndexError, ValueError):
        raise NothingServedError(f"{words} is no variable of the pipeline") from None


def _before(call: Call, calls: Sequence[Call]) -> tuple[list[Any], Any]:
    """The transformers that made what the estimator was given, and what they were given."""
    chain: list[Any] = []
    argument, given = call.argument, call.snapshot
    made = {id(one.result): one for one in calls if one.name in TRANSFORM}
    while id(argument) in made and len(chain) < 10:
        step = made[id(argument)]
        chain.insert(0, step.owner)
        argument, given = step.argument, step.snapshot
    return chain, given


def _size(data: Any) -> int:
    shape = getattr(data, "shape", None)
    return shape[0] if shape else len(data) if hasattr(data, "__len__") else 0
