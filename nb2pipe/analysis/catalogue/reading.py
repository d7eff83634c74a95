"""TOML files -> Catalogue.

A table of names is one literal string: words between blanks, each `name:argument?condition`; a word that ends in
a dot is put before all that follow it. A labelled table has a line for each label: `label | names`. That is
compact to write, quick to read (few keys) and easy to sort.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from .model import Catalogue, Library, Methods, Mutation
from .tables import Piece, Table

# Keys whose value is one table of names, and keys that hold several, each under a label.
PLAIN = frozenset(
    "changes gives_self gives_view gives_elements gives_argument fresh iterators arbitrary_order ignores_order waits_for_input"
    " exits widgets unsafe_loaders unverified address_readers".split()
)
LABELLED = frozenset(
    "returns unpicklable resources files platforms one_process names_in_text estimators removed again".split()
)
LIBRARY = frozenset("roots usual_names import_variables aliases types bare distributions".split())
METHODS = frozenset("bases mutates inplace pure complete items".split())
CERTAINTIES: tuple[Mutation, ...] = ("likely", "possible", "no")


@cache
def catalogue() -> Catalogue:
    """What is known about libraries; read once."""
    texts = {one.stem: one.read_text(encoding="utf-8") for one in Path(__file__).parent.glob("*.toml")}
    return read(texts)


def read(texts: Mapping[str, str]) -> Catalogue:
    """The catalogue that these files, by library name, make together."""
    book = _Book()
    for name in sorted(texts):
        book.add(name, tomllib.loads(texts[name]))
    return book.closed()


@dataclass(slots=True)
class _Book:
    """A catalogue while its files are read."""

    libraries: list[Library] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    distributions: dict[str, str] = field(default_factory=dict)
    types: dict[str, Methods] = field(default_factory=dict)
    methods: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    bare: dict[str, Mutation] = field(default_factory=dict)
    pieces: defaultdict[str, list[Piece]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, content: dict[str, Any]) -> None:
        """Take up one library's file."""
        variables = frozenset(content.pop("import_variables", "").split())
        roots = tuple(content.pop("roots", "").split())
        self.libraries.append(Library(name, roots, _pairs(content.pop("usual_names", "")), variables))
        self.aliases.update(_pairs(content.pop("aliases", "")))
        self.distributions.update(_pairs(content.pop("distributions", "")))
        for certainty in CERTAINTIES:
            self.bare.update(dict.fromkeys(content.get("bare", {}).get(certainty, "").split(), certainty))
        for one, section in content.pop("types", {}).items():
            self._add_type(one, section)
        self._add_tables(content, "")

    def _add_type(self, name: str, section: dict[str, Any]) -> None:
        mutates, inplace, pure, bases = (
            tuple(section.get(key, "").split()) for key in ("mutates", "inplace", "pure", "bases")
        )
        items = _pairs(section.get("items", ""))
        is_complete = section.get("complete", False)
        self.types[name] = Methods(
            bases, frozenset(mutates), frozenset(inplace), frozenset(pure), is_complete, items
        )
        for method in mutates + inplace + pure:
            self.methods[method].append(name)
        self._add_tables(section, name)

    def _add_tables(self, section: dict[str, Any], owner: str) -> None:
        for kind, value in section.items():
            if kind in PLAIN:
                self.pieces[kind].append(Piece(owner, "", value))
            elif kind in LABELLED:
                self.pieces[kind] += (Piece(owner, label, text) for label, text in _labelled(value))

    def closed(self) -> Catalogue:
        """The finished catalogue."""
        tables = {kind: Table(tuple(pieces)) for kind, pieces in self.pieces.items()}
        methods = {name: tuple(types) for name, types in self.methods.items()}
        return Catalogue(
            tuple(self.libraries), self.aliases, self.distributions, self.types, methods, self.bare, tables
        )


def _pairs(text: str) -> dict[str, str]:
    """The words `name=meaning` of a text; a lone word means itself."""
    parted = (word.partition("=") for word in text.split())
    return {name: meaning or name for name, _, meaning in parted}


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    """The tables of names in a text with a line each: `label | names`."""
    for line in text.splitlines():
        label, bar, names = line.partition(" | ")
        if bar and line[0] != "#":
            yield label, names
