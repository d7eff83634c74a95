"""The engines that are known: modules of this room, and entry points of other packages."""

import importlib
import pkgutil
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import cast

from nb2pipe.errors import EnvironmentFault, InputError

from .model import Adapter

GROUP = "nb2pipe.engines"
_ROOM = frozenset({"definition", "model", "registry"})


def engines() -> Mapping[str, Adapter]:
    """All engines by name; an entry point does not replace one of ours."""
    found = {one.ENGINE.name: one for one in _own()}
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda one: one.name):
        if point.name not in found:
            found[point.name] = _foreign(point)
    return dict(sorted(found.items()))


def engine_named(name: str) -> Adapter:
    """The engine of this name; InputError with the names that there are."""
    known = engines()
    if name not in known:
        raise InputError(f"there is no engine {name!r}; there are: {', '.join(known)}")
    return known[name]


def _own() -> list[Adapter]:
    names = [one.name for one in pkgutil.iter_modules([str(Path(__file__).parent)])]
    modules = [importlib.import_module(f"{__package__}.{name}") for name in names if name not in _ROOM]
    return [cast("Adapter", module) for module in modules]


def _foreign(point: metadata.EntryPoint) -> Adapter:
    try:
        adapter = point.load()
        if adapter.ENGINE.name == point.name and callable(adapter.files):
            return cast("Adapter", adapter)
        problem = f"its ENGINE is named {adapter.ENGINE.name!r}"
    except Exception as error:  # noqa: BLE001 - another package's code: anything may go wrong
        problem = f"{type(error).__name__}: {error}"
    raise EnvironmentFault(f"the engine {point.name} ({point.value}) cannot be loaded: {problem}")
