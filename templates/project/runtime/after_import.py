"""What a kernel's presence changes in libraries, done right after their import.

pandas shows 20 columns in a kernel and asks the terminal elsewhere; IPython's display
functions print where there is no kernel; plotly would open a browser.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Callable, Iterator
from typing import Any

from . import kernel, snapshots


def _pandas(module: Any) -> None:
    name = "display.max_columns"
    module.set_option(name, 20)
    with contextlib.suppress(Exception):  # so that reset_option() finds it, too
        options = sys.modules["pandas._config.config"]._registered_options
        options[name] = options[name]._replace(defval=20)


def _display(module: Any) -> None:
    names = "display", "clear_output", "update_display", "publish_display_data"
    for name in names:
        original, ours = getattr(module, name, None), getattr(kernel, name)
        if original is not None:
            setattr(module, name, _chosen(original, ours))


def _chosen(original: Callable[..., Any], ours: Callable[..., Any]) -> Any:
    def call(*args: Any, **more: Any) -> Any:
        return (original if kernel.has_shell() else ours)(*args, **more)

    call.__name__ = call.__qualname__ = original.__name__
    call.__doc__, call.__module__ = original.__doc__, original.__module__
    return call


def _plotly(module: Any) -> None:
    if module.renderers.default == "browser":
        module.renderers.default = "plotly_mimetype"


class _Inline(importlib.abc.Loader):
    """Gives our backend where a kernel's own is asked for."""

    def create_module(self, spec: Any) -> Any:
        """The module that stands for it, or an empty package around it."""
        if "." not in spec.name:
            return None
        from . import figures

        return figures

    def exec_module(self, module: Any) -> None:
        """It is there already."""


def _inline(name: str) -> Any:
    """How to import a kernel's backend, which need not be installed."""
    loader = _Inline()
    return importlib.util.spec_from_loader(name, loader, is_package="." not in name)


_ACTIONS = {
    "pandas": _pandas,
    "IPython.core.display_functions": _display,
    "plotly.io": _plotly,
}


class _Finder(importlib.abc.MetaPathFinder):
    """Lets the others find a module, and acts when it has been imported."""

    def __init__(self) -> None:
        self._busy: set[str] = set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name == "matplotlib_inline.backend_inline" and kernel.is_inline():
            return _inline(name)
        action = _ACTIONS.get(name)
        if action is None and snapshots.is_watched(name):
            action = snapshots.remember
        if action is None or name in self._busy:
            return None
        self._busy.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._busy.discard(name)
        if spec is not None and spec.loader is not None:
            _act_after(spec.loader, action)
        return spec


def _act_after(loader: Any, action: Callable[[Any], None]) -> None:
    if isinstance(loader, type):  # of builtin modules: one for all
        return
    run = loader.exec_module

    def exec_module(module: Any) -> None:
        run(module)
        del loader.exec_module
        action(module)

    loader.exec_module = exec_module


class _Fallback(importlib.abc.MetaPathFinder):
    """Stands for the package around a kernel's backend, where it is not installed."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return _inline(name) if name == "matplotlib_inline" else None


@contextlib.contextmanager
def watching() -> Iterator[None]:
    """Act on the imports of the block; what is imported already is set right now."""
    finder = _Finder()
    for name, action in _ACTIONS.items():
        if name in sys.modules:
            action(sys.modules[name])
    package = _Fallback()
    sys.meta_path.insert(0, finder)
    sys.meta_path.append(package)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.meta_path.remove(package)
