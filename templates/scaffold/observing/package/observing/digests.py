"""Values as short words: the same word for the same values, in any process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

_PLAIN = (int, float, complex, str, bytes, bool, type(None))


def digest(value: Any) -> str:
    """Of tables, arrays, plain values, and lists and dicts of these; "" for anything else."""
    try:
        content = _content(value)
    except TypeError:
        return ""
    return hashlib.sha256(content).hexdigest()[:16]


def of_files(root: Path, paths: Iterable[Path]) -> dict[str, str]:
    """Of those of the paths that are files, by their place below a folder."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(paths)
        if path.is_file()
    }


def _content(value: Any) -> bytes:
    import numpy as np
    import pandas as pd

    if isinstance(value, (pd.DataFrame, pd.Series)):
        return _table(value)
    if isinstance(value, np.ndarray) and value.dtype != object:
        return f"{value.dtype} {value.shape}".encode() + value.tobytes()
    if isinstance(value, (*_PLAIN, np.generic)):
        return f"{type(value).__name__} {value!r}".encode()
    if isinstance(value, Mapping):
        return _many(value.items())
    if isinstance(value, (list, tuple)):
        return _many(value)
    raise TypeError(type(value).__name__)


def _table(value: Any) -> bytes:
    import pandas as pd

    names = list(value.columns) if isinstance(value, pd.DataFrame) else [value.name]
    kinds = (
        [str(kind) for kind in getattr(value, "dtypes", [])] if len(names) > 1 else []
    )
    hashed = pd.util.hash_pandas_object(value, index=True).to_numpy().tobytes()
    return f"{names!r} {kinds!r} {len(value)}".encode() + hashed


def _many(values: Any) -> bytes:
    parts: Sequence[bytes] = [_content(one) for one in values]
    return b"".join(f"{len(one)}:".encode() + one for one in parts)
