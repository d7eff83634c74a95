"""The formats a notebook can have; a module here that has `claims` and `notebook` is one."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol, cast

from nb2pipe.notebooks.model import Cell


@dataclass(frozen=True, slots=True)
class Contents:
    """What a format finds in a file's text."""

    cells: tuple[Cell, ...]
    warnings: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


class Format(Protocol):
    """What the module of a format has."""

    RANK: int  # lower is asked first

    def claims(self, text: str, path: str, /) -> bool:
        """Whether the text is meant to be of this format."""

    def contents(self, text: str, path: str, /) -> Contents:
        """The cells of the text; InputError where it is not what it claims to be."""


@cache
def known() -> tuple[Format, ...]:
    """All formats, in the order in which they are asked."""
    return tuple(sorted(_modules(), key=lambda found: found.RANK))


def _modules() -> Iterator[Format]:
    for module in pkgutil.iter_modules(__path__):
        yield cast("Format", importlib.import_module(f"{__name__}.{module.name}"))
