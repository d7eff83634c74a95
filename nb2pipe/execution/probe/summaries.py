"""Short words about a value, and what is needed to say later where two values differ. Never calls a notebook's code."""

from __future__ import annotations

import sys
import types
from typing import Any

from . import tables
from .fingerprint import holds_attributes_only
from .hashing import digest

_PLAIN = (int, float, bool, str, type(None), complex, bytes)
_NAMED = (type, types.FunctionType, types.ModuleType, types.BuiltinFunctionType)
_WIDTH = 160
_PARTS = 200


def summary(value: Any, depth: int = 0) -> str:
    """At most 160 characters."""
    try:
        return _short(_words(value, depth))
    except Exception:  # a summary must never stop a run
        return f"a {type(value).__name__}"


def _short(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."


def _words(value: Any, depth: int) -> str:
    kind = type(value)
    if kind in _PLAIN:
        return (
            repr(value)
            if not isinstance(value, (str, bytes)) or len(value) < 2 * _WIDTH
            else repr(value[:_WIDTH])
        )
    if kind in (list, tuple, dict, set, frozenset):
        return _container(value, kind, depth)
    np, pd = sys.modules.get("numpy"), sys.modules.get("pandas")
    if np is not None and isinstance(value, np.generic):
        return f"{kind.__name__}({value.item()!r})"
    if np is not None and isinstance(value, np.ndarray):
        head = value.flat[:6].tolist() if not value.dtype.hasobject else []
        return f"{kind.__name__} {value.shape} {value.dtype} {head}"
    if pd is not None and isinstance(value, pd.DataFrame):
        return f"{kind.__name__} {value.shape} " + ", ".join(
            f"{n}: {t}" for n, t in zip(value.columns[:8], value.dtypes[:8])
        )
    if pd is not None and isinstance(value, (pd.Series, pd.Index)):
        return f"{kind.__name__} ({len(value)},) {value.dtype} name={value.name!r}"
    name = value.__name__ if isinstance(value, _NAMED) else None
    return f"{kind.__name__} {name}" if isinstance(name, str) else f"a {kind.__name__}"


def _container(value: Any, kind: type, depth: int) -> str:
    if depth > 2:
        return f"{kind.__name__} of {len(value)}"
    if kind is dict:
        pairs = [f"{summary(k, depth + 1)}: {summary(v, depth + 1)}" for k, v in list(value.items())[:8]]
        return "{" + ", ".join(pairs) + (f", ... {len(value)} keys" if len(value) > 8 else "") + "}"
    items = [summary(item, depth + 1) for item in list(value)[:10]]
    inner = ", ".join(items) + (f", ... {len(value)} items" if len(value) > 10 else "")
    opening, closing = "[]" if kind is list else "()" if kind is tuple else "{}"
    return f"{opening}{inner}{closing}"


def parts(walker: Any, value: Any) -> dict[str, Any] | None:
    """Digests of a value's parts with a few of its values: {"part": [digest, words]}; None where it has no parts."""
    try:
        found = _parts(walker, value)
    except Exception:  # the parts only word a difference
        return None
    told = dict(found or ())
    return told if told and len(told) == len(found or ()) else None  # two keys may read alike


def _parts(walker: Any, value: Any) -> list[tuple[str, Any]] | None:
    pd = sys.modules.get("pandas")
    if type(value).__module__.partition(".")[0] in ("matplotlib", "seaborn"):
        return None
    seen = walker.seen.get(id(value))
    if pd is not None and isinstance(value, pd.DataFrame):
        columns = zip(value.columns[:_PARTS], seen, tables.columns_of(value))
        found = [("index", [walker.walk(value.index), summary(value.index)])]
        found += [(f"column {name!r}", _told(one, stored)) for name, one, stored in columns]
        if len(seen) > _PARTS:
            rest = digest(*(one[0] for one in seen[_PARTS:]))
            found.append(("the columns after these", [rest, f"{len(seen) - _PARTS} columns"]))
        return found
    if pd is not None and isinstance(value, pd.Series):
        return [
            ("index", [walker.walk(value.index), summary(value.index)]),
            ("values", _told(seen[0], value._values)),
        ]
    if seen is not None:
        return [("values", _told(seen[0], value))]
    if type(value) is dict and len(value) <= _PARTS:
        return [(f"key {summary(key)}", [walker.walk(item), summary(item)]) for key, item in value.items()]
    if type(value) in (list, tuple) and len(value) <= _PARTS:
        return [(f"item {place}", [walker.walk(item), summary(item)]) for place, item in enumerate(value)]
    if isinstance(value, _NAMED) or not holds_attributes_only(type(value)):
        return None
    own = object.__getattribute__(value, "__dict__")
    if isinstance(own, dict) and len(own) <= _PARTS:
        return [(f"attribute {name}", [walker.walk(item), summary(item)]) for name, item in own.items()]
    return None


def _told(column: Any, stored: Any) -> list[Any]:
    """[digest, words, rows in a block, digests of the blocks]."""
    whole, kind, step, blocks = column
    head = [summary(item) for item in stored[:5]]
    return [whole, f"{kind} [{', '.join(head)}]", step, blocks]
