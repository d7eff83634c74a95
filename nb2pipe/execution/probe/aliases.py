"""Which variables, and parts of them, are one and the same object, or share memory.

Told as a graph of objects, so that another process can be compared with it whatever its variables are: following the
same steps from the same names must lead to the same objects again.
"""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Iterator

BUDGET = 20_000  # objects that are looked at; a structure beyond is reported as not compared
_PLAIN: tuple[type, ...] = (int, float, complex, str, bytes, bool, type(None), range, slice, type)
_CODE: tuple[type, ...] = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_ATOMS = (*_PLAIN, *_CODE, type(...), type(NotImplemented))
_SIMPLE = frozenset({int, float, complex, str, bytes, bool, type(None)})
# What their objects hold is the library's own, or changes while a thread or a program runs.
_CLOSED = frozenset(
    {"pandas", "matplotlib", "mpl_toolkits", "seaborn", "torch", "tensorflow", "keras"}
    | {"threading", "subprocess", "multiprocessing", "concurrent", "asyncio"}
)
_DEPTH = 6


def graph(namespace: dict[str, Any], is_own: Callable[[str], bool]) -> dict[str, Any]:
    """{"roots": {name: object}, "steps": {object: [[step, object], ...]}, "whole": whether all was looked at}."""
    numbers: dict[int, int] = {}
    kept: list[Any] = []  # so that no identity is used twice
    steps: dict[str, list[list[Any]]] = {}
    queue = [(name, value, 0, "") for name, value in namespace.items() if not isinstance(value, _ATOMS)]
    roots: dict[str, int] = {}
    for name, value, depth, parent in queue:
        number = _number(value, numbers, kept)
        if parent:
            steps.setdefault(parent, []).append([name, number])
        else:
            roots[name] = number
        if not number or str(number) in steps or depth >= _DEPTH or len(queue) > BUDGET:
            continue
        steps[str(number)] = [["memory", _number(owner, numbers, kept)] for owner in _owners(value)]
        queue.extend((step, item, depth + 1, str(number)) for step, item in _parts(value, is_own))
    found = {node: reached for node, reached in steps.items() if reached}
    return {"roots": roots, "steps": found, "whole": len(queue) <= BUDGET}


def _number(value: Any, numbers: dict[int, int], kept: list[Any]) -> int:
    """The object's number; 0 for what nobody can tell from its equal."""
    if not _holds_mutable(value) if type(value) is tuple else not _is_mutable(value):
        return 0
    if id(value) not in numbers:
        kept.append(value)
        numbers[id(value)] = len(kept)
    return numbers[id(value)]


def _holds_mutable(value: tuple[Any, ...], depth: int = 3) -> bool:
    """Whether a tuple is more than numbers, texts, and tuples of such: only what it holds can be changed through it."""
    for item in value[:2000]:
        if type(item) is tuple:
            if not depth or _holds_mutable(item, depth - 1):
                return True
        elif type(item) not in _SIMPLE:
            return True
    return len(value) > 2000


def _is_array(value: Any) -> bool:
    np = sys.modules.get("numpy")
    return np is not None and isinstance(value, getattr(np, "ndarray", ()))


def _is_mutable(value: Any) -> bool:
    """Whether two names could tell that they hold the same object by changing it."""
    kind: Any = type(value)
    if kind in (list, dict, set, bytearray) or _is_array(value):
        return True
    if any(base.__name__ in ("Index", "generic") and _is_librarys(base) for base in kind.__mro__):
        return False
    by_identity = kind.__hash__ is None or kind.__hash__ is object.__hash__
    return by_identity and hasattr(kind, "__dict__") and kind.__flags__ & (1 << 9) != 0


def _is_librarys(base: type) -> bool:
    return base.__module__.partition(".")[0] in ("pandas", "numpy")


def _owners(value: Any) -> Iterator[Any]:
    """The array that owns the memory of a view."""
    if _is_array(value):
        np, array = sys.modules["numpy"], value
        while isinstance(array.base, np.ndarray):
            array = array.base
        yield array


def _parts(value: Any, is_own: Callable[[str], bool]) -> Iterator[tuple[str, Any]]:
    kind = type(value)
    if isinstance(value, (list, tuple)):
        yield from _items(value)
    elif isinstance(value, dict):
        yield from _values(value)
    if _is_array(value) or (kind.__module__.partition(".")[0] in _CLOSED and not is_own(kind.__module__)):
        return
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return
    if isinstance(own, dict):
        named = [(f".{name}", item) for name, item in list(own.items()) if not name.startswith("_cache")]
        yield from (pair for pair in named if not isinstance(pair[1], _ATOMS))


def _values(value: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Values by their keys, for the order of a registry tells who came first; by place where a key is no plain one."""
    found = [pair for pair in enumerate(dict.items(value)) if type(pair[1][1]) not in _SIMPLE]
    for place, (key, item) in found[:2000]:
        if not isinstance(item, _ATOMS):
            yield f"[{key!r:.80}]" if type(key) in _SIMPLE else f"[{place}]", item


def _items(values: Any) -> Iterator[tuple[str, Any]]:
    """The first items that can be shared; numbers and texts are passed over fast."""
    found = [(place, item) for place, item in enumerate(values) if type(item) not in _SIMPLE]
    yield from ((f"[{place}]", item) for place, item in found[:2000] if not isinstance(item, _ATOMS))
