"""Tables of names: what a catalogue says about functions, types and methods.

A table is text until somebody looks something up in it, because most runs of the tool ask about few things.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Mark(NamedTuple):
    """One thing said about one name: a label, and `arguments?condition`."""

    label: str
    rest: str

    @property
    def condition(self) -> str:
        """When it holds."""
        return self.rest.partition("?")[2]


Marks = tuple[Mark, ...]


class Piece(NamedTuple):
    """Words of a table that share a label, and the type that they are methods of, else ""."""

    owner: str
    label: str
    text: str


@dataclass(frozen=True)
class Table:
    """All pieces about one question."""

    pieces: tuple[Piece, ...]

    @cached_property
    def names(self) -> Mapping[str, Marks]:
        """What is said, by qualified name."""
        found: dict[str, Marks] = {}
        for owner, label, text in self.pieces:
            plain = (Mark(label, ""),)
            for name, rest in spelled(text, owner and owner + "."):
                marks = (Mark(label, rest),) if rest else plain
                found[name] = found[name] + marks if name in found else marks
        return found

    @cached_property
    def owners(self) -> Mapping[str, tuple[str, ...]]:
        """The types that have such a method, by its bare name."""
        found: dict[str, dict[str, None]] = {}
        for owner, _, text in self.pieces:
            if owner:
                for name, _ in spelled(text):
                    found.setdefault(name, {})[owner] = None
        return {name: tuple(owners) for name, owners in found.items()}


def spelled(text: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    """The names in a table of names, each with what is said of its arguments."""
    before = prefix
    for word in text.split():
        if word[-1] == ".":
            before = prefix + word
        elif ":" in word:
            name, _, rest = word.partition(":")
            yield before + name, rest
        elif "?" in word:
            name, _, rest = word.partition("?")
            yield before + name, "?" + rest
        else:
            yield before + word, ""
