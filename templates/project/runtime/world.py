"""What is the notebook's own in a process, and what belongs to libraries.

What belongs to a library is not stored: another process imports it and finds it under
the same name.
"""

from __future__ import annotations

import importlib
import logging
import math
import site
import sys
import sysconfig
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_PLACES = "stdlib", "platstdlib", "purelib", "platlib"
_INSTALLED = "site-packages", "dist-packages"
# These are values, wherever they lie: storing them by name could meet another one.
_PLAIN = (type(None), bool, int, str, bytes, complex, tuple, types.MethodWrapperType)
_TABLES = ("sys.path", "sys.modules", "sys.argv", "warnings.filters")


class World:
    """The notebook's namespace and its surroundings in this process."""

    def __init__(self, package: str, main: types.ModuleType) -> None:
        self.package = package
        self.assigned: frozenset[str] = frozenset()  # attributes that stages assign
        self.patched: Sequence[str] = ()  # dotted names of what they set in modules
        self.main = main
        self.functions = sys.modules.get(f"{package}.functions")
        self.definitions = _definitions(self.functions)
        self._defined = {id(one): name for name, one in self.definitions.items()}
        self._library: dict[int, tuple[str, str]] = {}
        self._of_frames: set[int] = set()  # a list that all frames of a class hold
        self.dicts: dict[int, str] = {}
        self._roots = library_roots()

    def look_around(self) -> None:
        """Find out under which names the objects of imported modules stand."""
        self._library, self.dicts = {}, {}
        for name, module in list(sys.modules.items()):
            if type(module) is types.ModuleType or isinstance(module, types.ModuleType):
                self.dicts[id(vars(module))] = name
                if not (module is self.main or self.is_own_module(name)):
                    self._add(name, module)
        self.dicts[id(vars(self.main))] = "__main__"
        frames = vars(sys.modules.get("pandas.core.generic", types)).get("NDFrame")
        self._of_frames = {id(kind._metadata) for kind in self._kinds(frames)}

    def _kinds(self, kind: Any) -> list[Any]:
        """A library's class, and what libraries derive from it."""
        if kind is None or self.is_own_class(kind):
            return []
        below = [self._kinds(one) for one in kind.__subclasses__()]
        return [kind, *(one for found in below for one in found)]

    def _add(self, name: str, module: types.ModuleType) -> None:
        is_local = self.is_local(module)
        for attribute, value in list(vars(module).items()):
            kind = type(value)
            if kind in _PLAIN or isinstance(value, (type, types.ModuleType)):
                continue
            if (kind is float and not math.isnan(value)) or attribute in self.assigned:
                continue
            if kind is types.FunctionType and value.__module__ == name:
                continue  # pickle finds it itself
            if is_local and kind is not types.FunctionType:
                continue
            if self._is_value(kind) and f"{name}.{attribute}" not in _TABLES:
                continue
            if self.is_own_class(kind) or self.is_own_function(value):
                continue
            self._library.setdefault(id(value), (name, attribute))

    def _is_value(self, kind: type) -> bool:
        if kind in (list, dict, set, bytearray):
            return True
        root = kind.__module__.partition(".")[0]
        return kind.__name__ == "ndarray" or (
            root == "pandas" and kind.__name__ != "NAType"
        )

    # -- whose is it ---------------------------------------------------------------------

    def is_own_module(self, name: str) -> bool:
        """Whether a module is the notebook's namespace or part of this package."""
        return name in ("__main__", self.package) or name.startswith(f"{self.package}.")

    def is_own_class(self, kind: type) -> bool:
        """Whether the notebook defines a class."""
        return self._is_notebook(getattr(kind, "__module__", None))

    def _is_notebook(self, module: Any) -> bool:
        stages = f"{self.package}.stages."
        own = module == "__main__" or str(module).startswith(stages)
        return isinstance(module, str) and own

    def is_own_function(self, value: Any) -> bool:
        """Whether the notebook defines a function."""
        if type(value) is not types.FunctionType:
            return False
        return self._is_notebook(value.__globals__.get("__name__"))

    def is_local(self, module: types.ModuleType) -> bool:
        """Whether a module stands beside the notebook, not in a library's folder."""
        file = getattr(module, "__file__", None)
        if not isinstance(file, str):
            return False
        parents = Path(file).absolute().parents
        return not any(root in parents for root in self._roots)

    def is_importable(self, function: types.FunctionType) -> bool:
        """Whether a function stands in its module under its own name."""
        if function.__module__ == "__main__" or "<" in function.__qualname__:
            return False
        found: Any = sys.modules.get(function.__module__ or "")
        for part in function.__qualname__.split("."):
            found = getattr(found, part, None)
        return found is function

    def is_own_or_local(self, name: str) -> bool:
        """Whether a module's variables are stored with the notebook's."""
        module = sys.modules.get(name)
        return self.is_own_module(name) or module is None or self.is_local(module)

    def is_common(self, value: Any) -> bool:
        """Whether it is the same for everybody, so that holding it is not sharing it."""
        if isinstance(value, type):
            return not self.is_own_class(value)
        if type(value) is types.FunctionType:
            return not self.is_own_function(value) and self.is_importable(value)
        if id(value) in self._of_frames or (type(value) is tuple and not value):
            return True
        return isinstance(value, types.BuiltinFunctionType) or (
            type(value).__module__ == "numpy.dtypes" or type(value).__name__ == "dtype"
        )

    def names_of(self, function: types.FunctionType) -> str | None:
        """The module whose variables a function reads."""
        return self.dicts.get(id(function.__globals__))

    # -- names for things ----------------------------------------------------------------

    def reference(self, value: Any) -> tuple[str, ...] | None:
        """How another process finds the same thing; None for the notebook's own."""
        name = self._defined.get(id(value))
        if name is not None:
            return "definition", name
        if type(value) is dict:
            names = self.dicts.get(id(value))
            return ("names", names) if names else None
        if value is logging.root:
            return "library", "logging", "root"
        for stream in ("stdout", "stderr", "stdin"):
            if value is getattr(sys, f"__{stream}__"):
                return "library", "sys", f"__{stream}__"
        found = self._library.get(id(value))
        return ("library", *found) if found else None

    def resolve(self, named: tuple[str, ...]) -> Any:
        """What a name stands for in this process."""
        kind, *where = named
        if kind == "main":
            return self.main
        if kind == "definition":
            return self.definitions[where[0]]
        if kind == "names" and where[0] == "__main__":
            return vars(self.main)
        module = self.module(where[0])
        if kind == "module":
            return module
        if kind == "names":
            return vars(module)
        return getattr(module, where[1])

    def module(self, name: str) -> types.ModuleType:
        """An imported module."""
        found = sys.modules.get(name)
        return importlib.import_module(name) if found is None else found


def _definitions(module: types.ModuleType | None) -> dict[str, Any]:
    """The functions and classes of functions.py by qualified name, nested ones too."""
    found: dict[str, Any] = {}
    if module is None:
        return found
    seen: set[int] = set()
    pending = [("", name, value) for name, value in vars(module).items()]
    while pending:
        prefix, name, value = pending.pop(0)
        is_made_here = getattr(value, "__module__", None) in (
            "__main__",
            module.__name__,
        )
        function = isinstance(value, types.FunctionType)
        if function and value.__globals__ is not vars(module):
            is_made_here = False
        if not is_made_here or id(value) in seen:
            continue
        seen.add(id(value))
        if not (function or isinstance(value, type) or callable(value)):
            continue
        found[f"{prefix}{name}"] = value
        if isinstance(value, type):
            inner = vars(value).items()
            pending += [(f"{prefix}{name}.", key, one) for key, one in inner]
    return found


def library_roots() -> set[Path]:
    """The folders that hold installed code."""
    places = {sysconfig.get_path(name) for name in _PLACES}
    # A .pth file can bring in those of another environment.
    places |= {one for one in sys.path if Path(one).name in _INSTALLED}
    try:
        places |= {site.getusersitepackages(), *site.getsitepackages()}
    except AttributeError:
        pass
    return {Path(place).absolute() for place in places if place}
