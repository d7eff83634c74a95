"""The parts that there are: modules of parts/, each with a PART and its files."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from typing import cast

from nb2pipe.errors import InputError

from . import parts
from .model import PartModule


def all_parts() -> Mapping[str, PartModule]:
    """All parts by name."""
    names = [one.name for one in pkgutil.iter_modules(parts.__path__)]
    modules = [cast("PartModule", importlib.import_module(f"{parts.__name__}.{name}")) for name in names]
    return {module.PART.name: module for module in sorted(modules, key=lambda one: one.PART.name)}


def listed_parts() -> tuple[str, ...]:
    """The names that a user can ask for."""
    return tuple(name for name, module in all_parts().items() if module.PART.is_listed)


def with_needed(names: Iterable[str]) -> tuple[PartModule, ...]:
    """These parts and those that they need, each after what it needs; InputError for a name that is none."""
    known = all_parts()
    chosen: dict[str, PartModule] = {}

    def take(name: str) -> None:
        if name not in known:
            raise InputError(f"there is no part {name!r}; there are: {', '.join(listed_parts())}")
        if name not in chosen:
            for needed in known[name].PART.needs:
                take(needed)
            chosen[name] = known[name]

    for name in names:
        take(name)
    return tuple(chosen.values())
