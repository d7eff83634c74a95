"""Which places of the variables are one and the same object, or share memory."""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Iterator

BUDGET = 50_000  # places that are looked at; a structure beyond is reported as not compared
_PLAIN: tuple[type, ...] = (int, float, complex, str, bytes, bool, type(None), range, slice, type)
_CODE: tuple[type, ...] = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_ATOMS = (*_PLAIN, *_CODE, type(...), type(NotImplemented))
_SIMPLE = frozenset({int, float, complex, str, bytes, bool, type(None)})
_CLOSED = frozenset({"pandas", "matplotlib", "mpl_toolkits", "seaborn", "torch", "tensorflow", "keras"})
_DEPTH = 6


def groups(namespace: dict[str, Any], is_own: Callable[[str], bool]) -> tuple[list[list[str]], bool]:
    """Groups of at least two places that hold one mutable object, and whether all places were looked at."""
    spots: dict[tuple[str, int], list[str]] = {}
    queue = [(name, value, 0) for name, value in namespace.items()]
    seen: set[int] = set()
    kept = []
    for count, (path, value, depth) in enumerate(queue):
        if count > BUDGET:
            return _shared(spots), False
        if isinstance(value, _ATOMS):
            continue
        kept.append(value)
        is_known = id(value) in seen
        seen.add(id(value))
        for token in _tokens(value):
            spots.setdefault(token, []).append(path)
        if not is_known and depth < _DEPTH and len(queue) <= BUDGET:
            queue.extend((path + step, item, depth + 1) for step, item in _parts(value, is_own))
    return _shared(spots), True


def _shared(spots: dict[tuple[str, int], list[str]]) -> list[list[str]]:
    found = {tuple(sorted(set(paths))) for paths in spots.values()}
    return sorted(list(paths) for paths in found if len(paths) > 1)


def _tokens(value: Any) -> Iterator[tuple[str, int]]:
    if _is_array(value):
        yield ("object", id(value))
        yield ("memory", id(_owner(value, sys.modules["numpy"])))
    elif _is_mutable(value):
        yield ("object", id(value))


def _is_array(value: Any) -> bool:
    np = sys.modules.get("numpy")
    return np is not None and isinstance(value, getattr(np, "ndarray", ()))


def _is_mutable(value: Any) -> bool:
    """Whether two names could tell that they hold the same object by changing it."""
    kind: Any = type(value)
    if kind in (list, dict, set, bytearray):
        return True
    if any(base.__name__ in ("Index", "generic") for base in kind.__mro__ if not _is_notebooks(base)):
        return False
    by_identity = kind.__hash__ is None or kind.__hash__ is object.__hash__
    return by_identity and hasattr(kind, "__dict__") and kind.__flags__ & (1 << 9) != 0


def _is_notebooks(base: type) -> bool:
    return base.__module__.partition(".")[0] not in ("pandas", "numpy")


def _owner(array: Any, np: Any) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _items(values: Any) -> Iterator[tuple[str, Any]]:
    """The first items that can be shared; numbers and texts are passed over fast."""
    found = [(place, item) for place, item in enumerate(values) if type(item) not in _SIMPLE]
    yield from ((f"[{place}]", item) for place, item in found[:2000])


def _parts(value: Any, is_own: Callable[[str], bool]) -> Iterator[tuple[str, Any]]:
    kind = type(value)
    if isinstance(value, (list, tuple)):
        yield from _items(value)
    elif isinstance(value, dict):
        yield from _items(dict.values(value))
    if _is_array(value):
        return
    if kind.__module__.partition(".")[0] in _CLOSED and not is_own(kind.__module__):
        return
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return
    if isinstance(own, dict):
        yield from ((f".{name}", item) for name, item in list(own.items()) if not name.startswith("_cache"))
