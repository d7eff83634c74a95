"""The parts that there are: modules of parts/, each with a PART."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping

from nb2pipe.errors import InputError

from . import parts
from .model import Part


def all_parts() -> Mapping[str, Part]:
    """All parts by name."""
    names = [one.name for one in pkgutil.iter_modules(parts.__path__)]
    found: list[Part] = [importlib.import_module(f"{parts.__name__}.{name}").PART for name in names]
    return {part.name: part for part in sorted(found, key=lambda one: one.name)}


def listed_parts() -> tuple[str, ...]:
    """The names that a user can ask for."""
    return tuple(name for name, part in all_parts().items() if part.is_listed)


def with_needed(names: Iterable[str]) -> tuple[Part, ...]:
    """These parts and those that they need, each after what it needs; InputError for a name that is none."""
    known = all_parts()
    chosen: dict[str, Part] = {}

    def take(name: str) -> None:
        if name not in known:
            raise InputError(f"there is no part {name!r}; there are: {', '.join(listed_parts())}")
        if name not in chosen:
            for needed in known[name].needs:
                take(needed)
            chosen[name] = known[name]

    for name in names:
        take(name)
    return tuple(chosen.values())
