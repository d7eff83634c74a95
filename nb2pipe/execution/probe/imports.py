"""Tell when a module was imported, and leave no other mark."""

from __future__ import annotations

import sys
from typing import Any, Callable

_after: dict[str, Callable[[Any], None]] = {}


def after_import(name: str, action: Callable[[Any], None]) -> None:
    """Call `action(module)` once the module is imported; now, where it is already."""
    if name in sys.modules:
        action(sys.modules[name])
    else:
        _install()
        _after[name] = action


def _install() -> None:
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder:
    """Lets the other finders find, and puts a loader around theirs for the watched modules."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in _after:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader)
                return spec
        return None


class _Loader:
    """A loader that gives its place back to the real one as soon as the module runs."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def create_module(self, spec: Any) -> Any:
        return self._real.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__spec__.loader = module.__loader__ = self._real
        self._real.exec_module(module)
        action = _after.pop(module.__name__, None)
        if action is not None:
            action(module)
