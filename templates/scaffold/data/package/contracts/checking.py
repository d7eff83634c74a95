"""Tables against their contracts, with pandera; nothing is coerced, since that would hide a change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandera.pandas as pa
from pandera.errors import SchemaErrors

PACKAGE = Path(__file__).resolve().parents[1]
# The reviewed contract; it goes before the inferred one.
OWN = PACKAGE.parent / "contracts.json"


def contracts() -> dict[str, Any]:
    """The contract of each source; none before the pipeline was observed."""
    for path in (OWN, PACKAGE / "observed" / "sources.json"):
        if path.is_file():
            return dict(json.loads(path.read_text("utf-8")))
    return {}


def problems(name: str, frame: Any, contract: Mapping[str, Any]) -> list[str]:
    """What a table breaks, one sentence each."""
    told = {one["name"]: one for one in contract["columns"]}
    found = [
        f"{name}: column {column} is {frame[column].dtype}, not {one['dtype']}"
        for column, one in told.items()
        if column in frame and str(frame[column].dtype) != one["dtype"]
    ]
    wrong = {sentence.split()[2] for sentence in found}
    columns = {key: _column(one) for key, one in told.items() if key not in wrong}
    schema = pa.DataFrameSchema(columns, coerce=False)
    try:
        schema.validate(frame.rename(columns=str), lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases[["column", "check", "failure_case"]]
        for (column, check), part in cases.groupby(["column", "check"], dropna=False):
            case = part["failure_case"].iloc[0]
            found.append(
                f"{name}: {column}: {check}, {len(part)} times, first {case!r}"
            )
    return found


def _column(told: Mapping[str, Any]) -> Any:
    checks = []
    if "low" in told:
        checks.append(pa.Check.in_range(told["low"], told["high"]))
    if "values" in told:
        checks.append(pa.Check.isin(told["values"]))
    is_key = bool(told.get("unique"))
    return pa.Column(nullable=told["nullable"], unique=is_key, checks=checks)
