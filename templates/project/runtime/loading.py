"""Stages are imported so that their functions say of themselves what a notebook's say.

What a notebook defines belongs to `__main__`, and a function in it is called `f`, not
`clean.<locals>.f`: both are seen in what is printed.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

_HAS_NAME = hasattr(
    types.CodeType, "co_qualname"
)  # since Python 3.11; a constant before


def load(name: str) -> types.ModuleType:
    """A module by its dotted name, imported once."""
    package, _, last = name.rpartition(".")
    if name in sys.modules or not package.endswith(".stages"):
        return importlib.import_module(name)
    parent = importlib.import_module(package)
    path = str(Path(str(parent.__file__)).with_name(f"{last}.py"))
    loader = _Loader("__main__", path)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    module.__name__ = "__main__"
    try:
        loader.exec_module(module)
        _as_top_level(vars(module).get(last))
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _as_top_level(stage: Any) -> None:
    """What looks at the frames of calls finds a notebook's cell where the stage is."""
    if isinstance(stage, types.FunctionType):
        stage.__code__ = stage.__code__.replace(co_name="<module>")


class _Loader(importlib.machinery.SourceFileLoader):
    """Takes the stage's own name out of the names of what it defines."""

    def get_code(self, fullname: str) -> types.CodeType | None:
        """The code of the file."""
        code = super().get_code(fullname)
        stage = Path(str(self.path)).stem
        return None if code is None else _renamed(code, f"{stage}.<locals>.")


def _renamed(code: types.CodeType, prefix: str) -> types.CodeType:
    constants = tuple(_constant(one, prefix) for one in code.co_consts)
    if not _HAS_NAME:
        return code.replace(co_consts=constants)
    qualified = code.co_qualname.removeprefix(prefix)
    return code.replace(co_consts=constants, co_qualname=qualified)


def _constant(value: Any, prefix: str) -> Any:
    if isinstance(value, types.CodeType):
        return _renamed(value, prefix)
    if not _HAS_NAME and isinstance(value, str):
        return value.removeprefix(prefix)
    return value
