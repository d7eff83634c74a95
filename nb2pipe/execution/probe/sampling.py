"""A seeded sample of every table that is read: the same rows on both sides, in their order."""

from __future__ import annotations

import functools
import random
import sys
from typing import Any

from .imports import after_import

_PANDAS = (
    "read_csv read_excel read_feather read_fwf read_hdf read_html read_json read_orc read_parquet read_pickle read_sas"
    " read_spss read_sql read_sql_query read_sql_table read_stata read_table read_xml"
).split()
_NUMPY = ("loadtxt", "genfromtxt")
_SKLEARN = "load_breast_cancer load_diabetes load_digits load_iris load_wine fetch_california_housing fetch_openml".split()


def sample_tables(share: float, seed: int) -> None:
    """Let the readers of pandas, numpy, seaborn and scikit-learn give this share of the rows."""
    pick = functools.partial(_sampled, share=share, seed=seed)
    after_import("pandas", lambda module: _wrap(module, _PANDAS, pick))
    after_import("numpy", lambda module: _wrap(module, _NUMPY, pick))
    after_import("seaborn", lambda module: _wrap(module, ("load_dataset",), pick))
    after_import("sklearn.datasets", lambda module: _wrap(module, _SKLEARN, pick))


def _wrap(module: Any, names: Any, pick: Any) -> None:
    for name in names:
        real = getattr(module, name, None)
        if callable(real):
            setattr(module, name, _reading(real, pick))


def _reading(real: Any, pick: Any) -> Any:
    @functools.wraps(real)
    def read(*args: Any, **more: Any) -> Any:
        return pick(real(*args, **more))

    return read


def _sampled(found: Any, share: float, seed: int) -> Any:
    pd, np = sys.modules.get("pandas"), sys.modules.get("numpy")
    if pd is not None and isinstance(found, (pd.DataFrame, pd.Series)):
        fewer = found.iloc[_rows(len(found), share, seed)]
        return fewer.reset_index(drop=True) if isinstance(found.index, pd.RangeIndex) else fewer.copy()
    if np is not None and isinstance(found, np.ndarray) and found.ndim:
        return found[_rows(len(found), share, seed)]
    if isinstance(found, tuple):  # load_iris(return_X_y=True)
        return tuple(_sampled(part, share, seed) for part in found)
    if type(found).__name__ == "Bunch":
        return _bunch(found, share, seed)
    if type(found) in (list, dict):  # read_html, and read_excel with all sheets
        items = found.items() if isinstance(found, dict) else enumerate(found)
        picked = {key: _sampled(part, share, seed) for key, part in items}
        return picked if isinstance(found, dict) else list(picked.values())
    return found


def _bunch(found: Any, share: float, seed: int) -> Any:
    for name in ("data", "target", "frame", "images"):
        if found.get(name) is not None:
            found[name] = _sampled(found[name], share, seed)
    return found


def _rows(count: int, share: float, seed: int) -> list[int]:
    """The rows that stay, in their order; at least one."""
    if not count:
        return []
    stream = random.Random(f"{seed}:{count}")  # noqa: S311  (repeatable, not secret)
    return sorted(stream.sample(range(count), max(1, round(count * share))))
