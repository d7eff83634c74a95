"""Rows of a table as JSON knows them, and back to what an estimator takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Row = Mapping[str, Any]
_MOST_CATEGORIES = 30


@dataclass(frozen=True)
class Column:
    """One column: its type, and what was seen in it."""

    name: str
    type: str  # number, integer, boolean, string, time, list
    dtype: str
    nullable: bool = False
    categories: Sequence[Any] | None = None  # of a pandas category
    low: float | None = None
    high: float | None = None
    values: Sequence[str] | None = None  # the few texts that were seen


@dataclass(frozen=True)
class Shape:
    """What holds the rows: a frame, a series, an array, or a list of texts."""

    kind: str  # frame, series, matrix, list
    columns: Sequence[Column] = field(default_factory=list)
    dtype: str = ""
    labels: Sequence[Any] = field(default_factory=list)  # the columns' own names

    def as_json(self) -> dict[str, Any]:
        """Plain data, for a file."""
        return asdict(self)


def shape_from(told: Mapping[str, Any]) -> Shape:
    """The shape that a file tells of."""
    columns = [Column(**one) for one in told["columns"]]
    return Shape(told["kind"], columns, told["dtype"], told["labels"])


def shape_of(data: Any) -> Shape:
    """The shape of data with rows; TypeError where a row cannot be said in JSON."""
    import numpy as np
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        columns = [column_of(str(name), data.iloc[:, n]) for n, name in enumerate(data)]
        return Shape("frame", columns, labels=[_plain(name) for name in data.columns])
    if isinstance(data, pd.Series):
        name = str(data.name or "value")
        return Shape("series", [column_of(name, data)], labels=[_plain(data.name)])
    data = as_matrix(data)
    if isinstance(data, np.ndarray) and data.ndim == 2:
        columns = [
            column_of(f"x{n}", pd.Series(data[:, n])) for n in range(data.shape[1])
        ]
        return Shape("matrix", columns, str(data.dtype))
    if isinstance(data, (list, tuple, np.ndarray)) and _is_flat(data):
        return Shape("list", [column_of("value", pd.Series(list(data)))])
    raise TypeError(f"rows of a {type(data).__name__} cannot be sent as JSON")


def as_matrix(data: Any) -> Any:
    """Lists of numbers as an array; anything else as it is."""
    import numpy as np

    if isinstance(data, (list, tuple)) and data and isinstance(data[0], (list, tuple)):
        made = np.asarray(data)
        return made if made.ndim == 2 and made.dtype.kind in "ifb" else data
    return data


def _is_flat(data: Any) -> bool:
    return len(data) > 0 and all(isinstance(one, (str, int, float)) for one in data)


def column_of(name: str, values: Any) -> Column:
    """What is seen in a column; TypeError where its values cannot be sent as JSON."""
    import pandas as pd

    kind = _type(values)
    low = high = None
    if kind in ("number", "integer") and values.notna().any():
        low, high = float(values.min()), float(values.max())
        if not (math.isfinite(low) and math.isfinite(high)):
            low = high = None
    categories = None
    if isinstance(values.dtype, pd.CategoricalDtype):
        categories = [_plain(one) for one in values.cat.categories]
    texts = None
    if kind == "string" and values.nunique() <= _MOST_CATEGORIES:
        texts = sorted({str(one) for one in values.dropna()})
    nullable = bool(values.isna().any())
    return Column(name, kind, str(values.dtype), nullable, categories, low, high, texts)


def _type(values: Any) -> str:
    from pandas.api import types

    if types.is_bool_dtype(values.dtype):
        return "boolean"
    if types.is_integer_dtype(values.dtype):
        return "integer"
    if types.is_numeric_dtype(values.dtype):
        return "number"
    if types.is_datetime64_any_dtype(values.dtype):
        return "time"
    seen = list(values.dropna().head(1000))
    if all(isinstance(one, str) for one in seen):
        return "string"
    if all(isinstance(one, bool) for one in seen):
        return "boolean"
    if all(isinstance(one, (int, float)) for one in seen):
        return "number"
    raise TypeError(f"column {values.name!r} holds {type(seen[0]).__name__}")


def to_rows(data: Any, shape: Shape) -> list[dict[str, Any]]:
    """The rows of data, one dict each."""
    import pandas as pd

    data = as_matrix(data)
    if shape.kind == "frame":
        columns = [data.iloc[:, n].tolist() for n in range(data.shape[1])]
    elif shape.kind == "matrix":
        columns = [data[:, n].tolist() for n in range(data.shape[1])]
    else:
        columns = [data.tolist() if isinstance(data, pd.Series) else list(data)]
    names = [column.name for column in shape.columns]
    return [dict(zip(names, map(_plain, row))) for row in zip(*columns)]


def from_rows(rows: Sequence[Row], shape: Shape) -> Any:
    """What the estimator takes, with the columns and types that it was shown."""
    import numpy as np
    import pandas as pd

    parts = [_values([row.get(c.name) for row in rows], c) for c in shape.columns]
    if shape.kind == "frame":
        frame = pd.DataFrame(dict(enumerate(parts)), index=range(len(rows)))
        frame.columns = pd.Index(shape.labels)
        return frame
    if shape.kind == "series":
        return pd.Series(parts[0], name=shape.labels[0])
    if shape.kind == "list":
        return parts[0].tolist()
    return np.column_stack([np.asarray(one) for one in parts]).astype(shape.dtype)


def _values(values: Sequence[Any], column: Column) -> Any:
    """The values of one column: an array where numpy knows the type, else a series."""
    import numpy as np
    import pandas as pd

    if column.categories is not None:
        kinds = pd.CategoricalDtype(column.categories)
        return pd.Series(pd.Categorical(values, dtype=kinds))
    if column.dtype.startswith(("float", "int", "uint")):
        known = [math.nan if one is None else one for one in values]
        return np.array(known, dtype=column.dtype)
    if column.type == "number" and column.dtype != "object":
        values = [math.nan if one is None else one for one in values]
    return pd.Series(values, dtype="object").astype(column.dtype)


def _plain(value: Any) -> Any:
    """A value as JSON has it; what is missing becomes None."""
    if hasattr(value, "item"):
        value = value.item()
    if _is_missing(value):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if isinstance(value, (str, bool, int, float)) else str(value)


def _is_missing(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")
