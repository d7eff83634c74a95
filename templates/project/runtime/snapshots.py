"""Settings that the standard library keeps in its modules: what a stage changed.

Each module is looked at right after its import and again when the stage has ended.
Only plain data is compared: numbers, texts, and containers of them.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any

_ATOMS = (type(None), bool, int, float, str, bytes, complex)
_CONTAINERS = (list, tuple, set, frozenset, dict)
_MANY = 5000  # entries; larger tables are data, not settings
# These say what they are in ways of their own, or belong to the process.
_LEFT_OUT = frozenset(
    [
        "__main__",
        "_thread",
        "abc",
        "ast",
        "asyncio",
        "atexit",
        "builtins",
        "concurrent",
        "contextlib",
        "ctypes",
        "dis",
        "faulthandler",
        "functools",
        "gc",
        "importlib",
        "inspect",
        "io",
        "linecache",
        "logging",
        "marshal",
        "multiprocessing",
        "ntpath",
        "opcode",
        "os",
        "pickle",
        "pkgutil",
        "posix",
        "posixpath",
        "random",
        "runpy",
        "selectors",
        "signal",
        "site",
        "socket",
        "sre_compile",
        "sre_parse",
        "ssl",
        "stat",
        "subprocess",
        "sys",
        "sysconfig",
        "tempfile",
        "this",
        "threading",
        "time",
        "token",
        "tokenize",
        "traceback",
        "types",
        "typing",
        "unittest",
        "uuid",
        "warnings",
        "weakref",
        "zipimport",
    ]
)
_PLAIN: dict[str, Any] = {}


class _NotPlain(Exception):
    """The value is more than plain data."""


def is_watched(name: str) -> bool:
    """Whether a module's settings are looked at."""
    root = name.partition(".")[0]
    known = getattr(sys, "stdlib_module_names", ())
    return root in known and root not in _LEFT_OUT and not root.startswith("_")


def remember(module: types.ModuleType) -> None:
    """Look at a module that was just imported."""
    _PLAIN[module.__name__] = dict(_settings(module))


def remember_all() -> None:
    """Look at all modules that are imported."""
    for name, module in list(sys.modules.items()):
        if is_watched(name) and isinstance(module, types.ModuleType):
            _PLAIN[name] = dict(_settings(module))


def changes() -> list[tuple[str, tuple[str, ...], Any]]:
    """(module, path of attributes, value) of what differs from then."""
    found = []
    for name, then in _PLAIN.items():
        module = sys.modules.get(name)
        if isinstance(module, types.ModuleType):
            for path, value in _settings(module):
                if path not in then or not _same(then[path], value):
                    found.append((name, path, value))
    return found


def set_changes(known: list[tuple[str, tuple[str, ...], Any]]) -> None:
    """Set what was changed."""
    for name, path, value in known:
        owner: Any = sys.modules.get(name)
        for step in path[:-1]:
            owner = getattr(owner, step, None)
        if owner is not None:
            _set(vars(owner), path[-1], value)


def _set(names: dict[str, Any], name: str, value: Any) -> None:
    """Containers keep their identity: other modules may hold them."""
    current = names.get(name)
    if type(current) is type(value) and isinstance(current, list):
        current[:] = value
    elif type(current) is type(value) and isinstance(current, (dict, set)):
        current.clear()
        current.update(value)
    else:
        names[name] = value


def _settings(module: types.ModuleType) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in list(vars(module).items()):
        if name.startswith("__"):
            continue
        kind = type(value)
        if kind.__module__ == module.__name__ and hasattr(value, "__dict__"):
            for inner, one in list(vars(value).items()):
                yield from _plain((name, inner), one)
        else:
            yield from _plain((name,), value)


def _plain(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    try:
        yield path, _copy(value, [_MANY])
    except _NotPlain:
        pass


def _copy(value: Any, left: list[int]) -> Any:
    kind = type(value)
    if kind in _ATOMS:
        return value
    left[0] -= 1
    if kind not in _CONTAINERS or len(value) > left[0]:
        raise _NotPlain
    left[0] -= len(value)
    if kind is dict:
        return {_copy(key, left): _copy(one, left) for key, one in value.items()}
    return kind(_copy(one, left) for one in value)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and (one == other or repr(one) == repr(other))
