"""The earliest stage border from which single rows give what the whole run gave."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..pipeline import PIPELINE
from ..runner.runner import StageError
from .model import Start, replayed
from .running import Run, needed
from .served import Served
from .watching import STAGES

_TRIED_ROWS = 20


@dataclass(frozen=True)
class Blocked:
    """A border that does not do, and the statement that is in the way."""

    before: str  # the stage
    because: str


@dataclass
class Found:
    """Where rows enter, what they look like there, and why not earlier."""

    start: Start
    given: Any  # the rows at that border
    blocked: Sequence[Blocked]


def earliest(run: Run, served: Served) -> Found:
    """Try the borders, earliest first; without one, rows enter at the estimator."""
    blocked: list[Blocked] = []
    given = _as_frame(served.given)
    last, feature = _maker(run, given)
    for first in range(last + 1):
        tried = _tried(run, served, given, first, last, feature)
        if isinstance(tried, Found):
            return Found(tried.start, tried.given, blocked)
        blocked.append(tried)
    return Found(Start(values=run.values), served.given, blocked)


def _maker(run: Run, given: Any) -> tuple[int, str]:
    """The first stage after which a variable holds the rows that the estimator got; -1 where none does."""
    if given is None or not given.index.is_unique:
        return -1, ""
    for index, state in enumerate(run.borders):
        for name, value in (state or {}).items():
            if index and _holds(value, given):
                return index - 1, name
    return -1, ""


def _as_frame(given: Any) -> Any:
    """Rows with names; None for what has none."""
    if hasattr(given, "to_frame") and getattr(given, "name", None) is not None:
        return given.to_frame()
    return given if hasattr(given, "columns") else None


def _holds(value: Any, given: Any) -> bool:
    try:
        return bool(value.loc[given.index, given.columns].equals(given))
    except Exception:  # noqa: BLE001 - no frame, or other rows
        return False


def _tried(
    run: Run, served: Served, given: Any, first: int, last: int, feature: str
) -> Found | Blocked:
    stage = PIPELINE.stages[first].name
    state = run.borders[first]
    if state is None:
        return Blocked(stage, "what it takes cannot be copied")
    stages = _slice(first, last, feature)
    script = next((one for one in stages if PIPELINE.stage(one).kind != "function"), "")
    if script:
        return Blocked(stage, f"stage {script} is a script")
    inputs = needed([PIPELINE.stage(name) for name in stages])
    alive = {name: state[name] for name in inputs if name in state}
    frames = [name for name, value in alive.items() if _has_rows(value, given)]
    if len(frames) != 1:
        return Blocked(stage, f"{len(frames)} of its inputs hold the rows")
    rows = alive.pop(frames[0]).loc[given.index]
    rows, label = _without_label(rows, served, given)
    start = Start(
        stages,
        frames[0],
        feature,
        list(given.columns),
        given is not served.given,
        label,
        alive,
        dict(run.values),
    )
    reason = _differs(start, rows, given)
    return Blocked(stage, reason) if reason else Found(start, rows, ())


def _without_label(rows: Any, served: Served, given: Any) -> tuple[Any, list[Any]]:
    """The rows as a request has them, and what stands in for the label where stages ask for it.

    One value stands in for all labels: where features depend on them, the replay differs.
    """
    label = getattr(served.target, "name", None)
    if label not in rows.columns or label in given.columns:
        return rows, []
    value = rows[label].iloc[0]
    plain = value.item() if hasattr(value, "item") else value
    return rows.drop(columns=label), [label, rows.columns.get_loc(label), plain]


def _slice(first: int, last: int, feature: str) -> list[str]:
    """Those of the stages that the feature is made by."""
    wanted = {feature}
    chosen: list[str] = []
    for stage in reversed(PIPELINE.stages[first : last + 1]):
        if wanted & set(stage.outputs):
            chosen.insert(0, stage.name)
            wanted = (wanted - set(stage.outputs)) | set(stage.inputs)
    return chosen


def _has_rows(value: Any, given: Any) -> bool:
    is_frame = hasattr(value, "columns") and hasattr(value, "loc")
    return is_frame and value.index.is_unique and given.index.isin(value.index).all()


def _differs(start: Start, rows: Any, expected: Any) -> str:
    """Why single rows do not give what the run gave; "" where they do."""
    for place in range(min(len(rows), _TRIED_ROWS)):
        row, was = rows.iloc[[place]].copy(), expected.iloc[[place]]
        try:
            now = _as_frame(replayed(start, row))
        except StageError as error:
            return _statement(error.__cause__ or error)
        except Exception as error:  # noqa: BLE001 - the row is lost on the way
            said = str(error).partition("\n")[0][:200]
            return f"a single row does not come through: {type(error).__name__}: {said}"
        other = [c for c in was.columns if not now[[c]].equals(was[[c]])]
        if other:
            names = ", ".join(map(str, other[:3]))
            return f"{names} of a single row is another: it is computed over all rows"
    return ""


def _statement(error: BaseException) -> str:
    """The notebook's statement that fails for a single row."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(STAGES)
    ]
    what = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    if not frames:
        return what
    last = frames[-1]
    return f"{Path(last.filename).name}, line {last.lineno}: {last.line} ({what})"
