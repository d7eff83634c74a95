"""State outside of variables: of the notebook's functions and classes, of modules.

Default values, attributes of functions and classes, attributes that the notebook
assigned in modules, and the variables of modules that stand beside the notebook.
"""

from __future__ import annotations

import builtins
import contextlib
import dis
import importlib.machinery
import sys
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import snapshots

if TYPE_CHECKING:
    from .runner import Pipeline
    from .world import World

_ATOMS = (type(None), bool, int, float, str, bytes, complex)
_DESCRIPTORS = (
    types.FunctionType,
    property,
    classmethod,
    staticmethod,
    types.MemberDescriptorType,
    types.GetSetDescriptorType,
    types.WrapperDescriptorType,
    types.BuiltinFunctionType,
)
_NAMESPACE = ("__annotations__", "__doc__", "__warningregistry__", "__name__")


class Before:
    """How things were before a stage's code ran."""

    def __init__(self) -> None:
        snapshots.remember_all()
        self.builtins = dict(vars(builtins))
        self.classes: dict[str, dict[str, Any]] = {}

    def look(self, world: World) -> None:
        """Remember the attributes of the notebook's classes."""
        for name, value in world.definitions.items():
            if isinstance(value, type):
                self.classes[name] = dict(vars(value))


def state(world: World, before: Before) -> dict[str, Any]:
    """All of it, as it is now."""
    names = vars(world.main)
    return {
        "functions": dict(_functions(world)),
        "classes": dict(_classes(world, before)),
        "local": dict(_local_modules(world)),
        "attributes": list(_attributes(world)),
        "patched": list(_patched(world)),
        "settings": snapshots.changes(),
        "builtins": _added_builtins(before),
        "namespace": {name: names[name] for name in _NAMESPACE if name in names},
    }


def carried(known: dict[str, Any]) -> list[Any]:
    """The values that are set in modules and classes of libraries."""
    places = (*known["@@attributes"], *known["@@patched"])
    return [*(one[-1] for one in places), *known["@@builtins"].values()]


def set_state(known: dict[str, Any], world: World) -> None:
    """Set it as it was."""
    for name, parts in known["functions"].items():
        _set_function(world.definitions[name], parts)
    for name, (changed, gone) in known["classes"].items():
        kind = world.definitions[name]
        for attribute, value in changed.items():
            with contextlib.suppress(AttributeError, TypeError):
                setattr(kind, attribute, value)
        for attribute in gone:
            delattr(kind, attribute)
    for name, values in known["local"].items():
        if name in sys.modules:
            vars(sys.modules[name]).update(values)
    for module, path, attribute, value in known["attributes"]:
        _set_attribute(module, path, attribute, value)
    for path, is_there, value in known["patched"]:
        _patch(path, is_there, value)
    snapshots.set_changes(known["settings"])
    vars(builtins).update(known["builtins"])
    vars(world.main).update(known["namespace"])


def _functions(world: World) -> Iterator[tuple[str, Any]]:
    for name, value in world.definitions.items():
        if isinstance(value, types.FunctionType):
            parts = _parts(value)
            if any(parts):
                yield name, parts


def _parts(function: types.FunctionType) -> tuple[Any, ...]:
    """What a function remembers: defaults, attributes, closed over variables."""
    defaults = function.__defaults__ or ()
    keywords = function.__kwdefaults__ or {}
    cells = []
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):
            cells.append(cell.cell_contents)
    is_plain = all(type(one) in _ATOMS for one in (*defaults, *keywords.values()))
    return (
        None if is_plain else (function.__defaults__, function.__kwdefaults__),
        dict(vars(function)),
        cells,
    )


def _set_function(function: Any, parts: tuple[Any, ...]) -> None:
    defaults, attributes, cells = parts
    if defaults is not None:
        function.__defaults__, function.__kwdefaults__ = defaults
    vars(function).clear()
    vars(function).update(attributes)
    for cell, value in zip(function.__closure__ or (), cells):
        cell.cell_contents = value


def _classes(world: World, before: Before) -> Iterator[tuple[str, Any]]:
    for name, kind in world.definitions.items():
        if not isinstance(kind, type):
            continue
        then = before.classes.get(name, {})
        changed = {
            key: value
            for key, value in vars(kind).items()
            if then.get(key, then) is not value or _may_change(key, value)
        }
        changed.pop("__abstractmethods__", None)
        changed.pop("_abc_impl", None)
        gone = [key for key in then if key not in vars(kind)]
        if changed or gone:
            yield name, (changed, gone)


def _may_change(key: str, value: Any) -> bool:
    if key.startswith("_") and key.endswith("_"):
        return False
    return not isinstance(value, (*_ATOMS, *_DESCRIPTORS, type))


def _local_modules(world: World) -> Iterator[tuple[str, Any]]:
    """The variables of modules beside the notebook; their import made them anew."""
    for name, module in list(sys.modules.items()):
        if world.is_own_module(name) or not isinstance(module, types.ModuleType):
            continue
        if world.is_local(module):
            values = {
                key: value
                for key, value in vars(module).items()
                if not _comes_with_import(module, key, value)
            }
            yield name, values


def _comes_with_import(module: types.ModuleType, key: str, value: Any) -> bool:
    if key.startswith("__") or isinstance(value, types.ModuleType):
        return True
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
        return value.__module__ != "__main__"
    return False


def _added_builtins(before: Before) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(builtins).items()
        if name != "_" and before.builtins.get(name, before) is not value
    }


# -- attributes that the notebook's code assigns in libraries --------------------------


def assigned_attributes(pipeline: Pipeline) -> frozenset[str]:
    """The names of attributes that the pipeline's code assigns somewhere."""
    folder = Path(__file__).parents[1]
    paths = [folder / "functions.py", *sorted((folder / "stages").glob("*.py"))]
    return frozenset(name for code in _codes(paths) for name in _assigned(code))


def mentioned(paths: Iterable[Path]) -> frozenset[str]:
    """The names that the code of some files mentions."""
    return frozenset(name for code in _codes(paths) for name in _mentioned(code))


def _codes(paths: Iterable[Path]) -> Iterator[types.CodeType]:
    for path in paths:
        if path.exists():
            loader = importlib.machinery.SourceFileLoader("stage", str(path))
            code = loader.get_code("stage")
            if code is not None:
                yield code


def _mentioned(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _mentioned(constant)


def _assigned(code: types.CodeType) -> Iterator[str]:
    names = set(code.co_names)
    for step in dis.get_instructions(code):
        if step.opname in ("STORE_ATTR", "DELETE_ATTR"):
            yield str(step.argval)
        elif "setattr" in names and isinstance(step.argval, str):
            yield step.argval
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _assigned(constant)


def _attributes(world: World) -> Iterator[tuple[str, list[str], str, Any]]:
    """(module, path in it, attribute, value) of what the notebook may have assigned."""
    if not world.assigned:
        return
    for name, module in list(sys.modules.items()):
        if world.is_own_module(name) or not isinstance(module, types.ModuleType):
            continue
        yield from _assigned_in(world, name, [], module)
        for key, value in list(vars(module).items()):
            is_class = isinstance(value, type) and value.__module__ == name
            if is_class or _is_singleton(value):
                yield from _assigned_in(world, name, [key], value)


def _owner(path: str) -> tuple[Any, str]:
    """The module, or the object in it, that has the attribute of a dotted name."""
    root, *steps, name = path.split(".")
    owner: Any = sys.modules.get(root)
    for step in steps:
        owner = getattr(owner, step, None)
    return owner, name


def _patched(world: World) -> Iterator[tuple[str, bool, Any]]:
    """(dotted name, whether it is there, value) of what the notebook sets in modules."""
    for path in world.patched:
        owner, name = _owner(path)
        if owner is not None:
            value = getattr(owner, name, owner)
            yield path, value is not owner, None if value is owner else value


def _patch(path: str, is_there: bool, value: Any) -> None:
    owner, name = _owner(path)
    if not is_there and hasattr(owner, name):
        delattr(owner, name)
    elif is_there and owner is not None and getattr(owner, name, owner) is not value:
        setattr(owner, name, value)


def _is_singleton(value: Any) -> bool:
    kind = type(value)
    return hasattr(kind, "__dict__") and not isinstance(
        value, (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)
    )


def _assigned_in(
    world: World, module: str, path: list[str], owner: Any
) -> Iterator[tuple[str, list[str], str, Any]]:
    try:
        attributes = vars(owner)
    except TypeError:
        return
    for name in world.assigned:
        if name in attributes:
            value = attributes[name]
            plain = type(value) in (*_ATOMS, list, dict, set, tuple)
            if plain or world.is_own_function(value) or world.is_own_class(value):
                yield module, path, name, value


def _set_attribute(module: str, path: list[str], name: str, value: Any) -> None:
    owner: Any = sys.modules.get(module)
    for step in path:
        owner = getattr(owner, step, None)
    if owner is None:
        return
    current = vars(owner).get(name, owner)
    with contextlib.suppress(Exception):
        if type(current) is type(value) and current == value:
            return
        setattr(owner, name, value)
