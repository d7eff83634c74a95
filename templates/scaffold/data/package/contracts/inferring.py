"""A first contract from one run: loose on purpose, and to be reviewed by who knows the source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..observing.digests import digest
from ..observing.rows import Column, column_of
from ..observing.running import Run
from ..pipeline import PIPELINE

_LOOSE = 0.5
_ENOUGH = 20  # rows, before values that differ are called a key
NOTE = "inferred from one run: review me"


def sources(run: Run) -> dict[str, Any]:
    """The contract of each table that was read, by its name."""
    return {name: inferred(frame) for name, frame in tables(run).items()}


def tables(run: Run) -> dict[str, Any]:
    """The tables that were read, as they were before the pipeline changed them."""
    found: dict[str, Any] = {}
    for call in run.calls:
        if call.name.startswith("read_") and hasattr(call.result, "columns"):
            found.setdefault(_name(call.argument, len(found)), call.read)
    return found


def features(run: Run) -> dict[str, dict[str, str]]:
    """What stands before each stage, as digests: what the stages before it have made."""
    told = {}
    for stage, state in zip(PIPELINE.stages, run.borders):
        known = {name: digest(value) for name, value in sorted((state or {}).items())}
        told[stage.name] = {name: word for name, word in known.items() if word}
    return told


def _name(argument: Any, number: int) -> str:
    is_path = isinstance(argument, (str, Path)) and len(str(argument)) < 200
    return Path(str(argument)).name if is_path else f"table_{number + 1}"


def inferred(frame: Any) -> dict[str, Any]:
    """What can be said of a table from what is in it."""
    columns = [_column(str(name), frame.iloc[:, n]) for n, name in enumerate(frame)]
    return {"note": NOTE, "rows": len(frame), "columns": columns}


def _column(name: str, values: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "dtype": str(values.dtype)}
    try:
        seen = column_of(name, values)
    except TypeError:
        return {**told, "nullable": True, "why": "holds objects: nothing is checked"}
    told["nullable"] = seen.nullable
    if _is_key(seen, values):
        return {**told, "unique": True, "why": "no value came twice"}
    return {**told, **_limits(seen)}


def _is_key(column: Column, values: Any) -> bool:
    is_name = column.type in ("integer", "string") and not column.nullable
    return is_name and len(values) >= _ENOUGH and bool(values.is_unique)


def _limits(column: Column) -> Mapping[str, Any]:
    if column.low is not None and column.high is not None:
        slack = _LOOSE * max(column.high - column.low, abs(column.high) * 0.1, 1)
        why = (
            f"seen {column.low:g} to {column.high:g}; half the range more on each side"
        )
        return {"low": column.low - slack, "high": column.high + slack, "why": why}
    if column.values is not None:
        return {"values": list(column.values), "why": "no other value was seen"}
    return {"why": "any value"}


_PERSONAL = [
    "email",
    "e_mail",
    "phone",
    "mobile",
    "ssn",
    "passport",
    "iban",
    "birth",
    "first_name",
    "last_name",
    "surname",
    "fullname",
    "address",
    "credit_card",
    "name",
]


def personal(columns: Iterable[str]) -> list[str]:
    """The columns whose names say that they hold what tells who somebody is."""
    plain = {name: name.lower().replace(" ", "_").replace("-", "_") for name in columns}
    return [name for name, word in plain.items() if _is_personal(word)]


def _is_personal(word: str) -> bool:
    parts = word.split("_")
    return any(one in parts or ("_" in one and one in word) for one in _PERSONAL)
