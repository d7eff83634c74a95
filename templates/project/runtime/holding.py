"""Functions and classes of the notebook that a library keeps.

A callback that was registered, a method that was put into a library's class: another
process would not know of it.
"""

from __future__ import annotations

import gc
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .world import World

_STEPS = 5
_MANY = 300
# They remember what they saw, and it does not matter.
_FORGETFUL = frozenset(
    [
        "typing",
        "abc",
        "_weakrefset",
        "weakref",
        "functools",
        "dataclasses",
        "enum",
        "copyreg",
        "types",
        "inspect",
        "builtins",
        "linecache",
        "gc",
    ]
)
_OF_FUNCTIONS = (types.FunctionType, types.MethodType, types.CellType, tuple, list)
_OF_FUNCTIONS += (dict, set, frozenset, staticmethod, classmethod, property, type)


def held(world: World, carried: Iterable[Any]) -> str:
    """Which library holds something of the notebook; nothing for none."""
    known = {id(one) for one in carried}
    frontier = [
        one
        for one in gc.get_objects()
        if (type(one) is types.FunctionType or isinstance(one, type))
        and (world.is_own_function(one) or world.is_own_class(one))
        and id(one) not in known
    ]
    names = {one.__name__ for one in frontier}
    seen = {id(frontier), *map(id, frontier)}
    for _ in range(_STEPS):
        if not frontier or len(frontier) > _MANY:
            break
        following = []
        for one in gc.get_referrers(*frontier):
            if id(one) in seen:
                continue
            seen.add(id(one))
            if type(one) is dict and id(one) in world.dicts:
                owner = world.dicts[id(one)]
                if not (_is_forgetful(owner) or world.is_own_or_local(owner)):
                    return _said(names, owner)
            elif isinstance(one, type) and not world.is_own_class(one):
                if not (_is_forgetful(one.__module__) or _is_ours(one.__module__)):
                    return _said(names, f"{one.__module__}.{one.__qualname__}")
            elif isinstance(one, _OF_FUNCTIONS):
                following.append(one)
        seen.add(id(following))
        frontier = following
    return ""


def _is_ours(module: str) -> bool:
    """Whether it is the runner, which keeps what was shown: nothing looks at that again."""
    return module.startswith(f"{__package__}.")


def _is_forgetful(module: str) -> bool:
    return module.partition(".")[0] in _FORGETFUL


def _said(names: set[str], owner: str) -> str:
    shown = ", ".join(sorted(names)[:3])
    return f"something of the notebook ({shown}) that {owner} holds"
