"""Requests and answers as the service takes and gives them, from what the model was shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from ..observing.rows import Column, Row, Shape

MOST_ROWS = 1000
_TYPES: dict[str, Any] = {
    "number": float,
    "integer": int,
    "boolean": bool,
    "string": str,
    "time": datetime,
}
_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Prediction(BaseModel):
    """The answer for one row."""

    prediction: bool | int | float | str | list[Any] | None
    probabilities: dict[str, float] | None = None


class Answers(BaseModel):
    """The answers for all rows, in their order."""

    predictions: list[Prediction]
    model_version: str


def row_model(shape: Shape, example: Row | None = None) -> type[BaseModel]:
    """The model of one row; its fields are named by place, since a column may have any name."""
    fields = {f"column_{n}": _field(column) for n, column in enumerate(shape.columns)}
    config = ConfigDict(**_STRICT)
    if example is not None:
        config["json_schema_extra"] = {"example": dict(example)}
    made: Any = create_model("Row", __config__=config, **fields)  # type: ignore[call-overload]
    return made  # type: ignore[no-any-return]


def request_model(row: type[BaseModel]) -> type[BaseModel]:
    """The model of a request."""
    rows = (Sequence[row], Field(min_length=1, max_length=MOST_ROWS))  # type: ignore[valid-type]
    made: Any = create_model("Request", __config__=_STRICT, rows=rows)
    return made  # type: ignore[no-any-return]


def plain(row: BaseModel) -> dict[str, Any]:
    """A row with the columns' own names."""
    return row.model_dump(by_alias=True)


def _field(column: Column) -> tuple[Any, Any]:
    kind: Any = _TYPES[column.type]
    limits: dict[str, Any] = {"alias": column.name}
    if column.categories is not None and column.type == "string":
        kind = Literal[tuple(column.categories)]
    elif column.type == "integer":
        limits |= dict(zip(("ge", "le"), _range(column.dtype)))
    if column.nullable:
        kind = kind | None
    return kind, Field(description=_seen(column), **limits)


def _range(dtype: str) -> tuple[int, int]:
    """What fits into an integer of this type."""
    bits = int("".join(filter(str.isdigit, dtype)) or 64)
    is_signed = not dtype.lower().startswith("u")
    most = 2 ** (bits - is_signed) - 1
    return (-most - 1 if is_signed else 0), most


def _seen(column: Column) -> str:
    if column.low is not None:
        return f"seen: {column.low:g} to {column.high:g}"
    if column.values is not None:
        return f"seen: {', '.join(column.values[:10])}"
    return f"seen as {column.dtype}"
