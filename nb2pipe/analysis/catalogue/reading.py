"""TOML files -> Catalogue.

A table of names is one literal string: words between blanks, each `name:argument?condition`; a word that ends in
a dot is put before all that follow it. That is compact to write, quick to read and easy to sort.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from .model import Catalogue, Library, Mark, Methods, Mutation, Table

# Keys whose value is one table of names, and keys that hold several, each under a label.
PLAIN = frozenset(
    "changes gives_self gives_view gives_argument fresh iterators arbitrary_order ignores_order waits_for_input"
    " exits widgets unsafe_loaders unverified address_readers".split()
)
LABELLED = frozenset(
    "returns unpicklable resources files platforms one_process names_in_text estimators removed".split()
)
LIBRARY = frozenset("roots usual_names import_variables aliases types bare distributions".split())
METHODS = frozenset("bases mutates inplace pure complete items".split())
CERTAINTIES: tuple[Mutation, ...] = ("likely", "possible", "no")


@cache
def catalogue() -> Catalogue:
    """What is known about libraries; read once."""
    texts = {
        one.name.removesuffix(".toml"): one.read_text(encoding="utf-8")
        for one in files(__package__).iterdir()
        if one.name.endswith(".toml")
    }
    return read(texts)


def read(texts: Mapping[str, str]) -> Catalogue:
    """The catalogue that these files, by library name, make together."""
    book = _Book()
    for name in sorted(texts):
        book.add(name, tomllib.loads(texts[name]))
    return book.closed()


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


@dataclass(slots=True)
class _Book:
    """A catalogue while its files are read."""

    libraries: list[Library] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    distributions: dict[str, str] = field(default_factory=dict)
    types: dict[str, Methods] = field(default_factory=dict)
    methods: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    bare: dict[str, Mutation] = field(default_factory=dict)
    names: defaultdict[str, dict[str, tuple[Mark, ...]]] = field(default_factory=lambda: defaultdict(dict))
    owners: defaultdict[str, defaultdict[str, list[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, name: str, content: dict[str, Any]) -> None:
        """Take up one library's file."""
        variables = frozenset(content.pop("import_variables", "").split())
        roots = tuple(content.pop("roots", "").split())
        self.libraries.append(Library(name, roots, content.pop("usual_names", {}), variables))
        self.aliases.update(content.pop("aliases", {}))
        self.distributions.update(content.pop("distributions", {}))
        for certainty in CERTAINTIES:
            self.bare.update(dict.fromkeys(content.get("bare", {}).get(certainty, "").split(), certainty))
        for one, section in content.pop("types", {}).items():
            self._add_type(one, section)
        self._add_tables(content, "")

    def _add_type(self, name: str, section: dict[str, Any]) -> None:
        kinds = [frozenset(section.get(key, "").split()) for key in ("mutates", "inplace", "pure")]
        bases = tuple(section.get("bases", "").split())
        self.types[name] = Methods(bases, *kinds, section.get("complete", False), section.get("items", {}))
        for method in frozenset().union(*kinds):
            self.methods[method].append(name)
        self._add_tables(section, name)

    def _add_tables(self, section: dict[str, Any], owner: str) -> None:
        for kind, value in section.items():
            if kind in PLAIN:
                self._add_names(kind, "", value, owner)
            elif kind in LABELLED:
                for label, text in _labelled(kind, value):
                    self._add_names(kind, label, text, owner)

    def _add_names(self, kind: str, label: str, text: str, owner: str) -> None:
        names, owners, plain = self.names[kind], self.owners[kind], (Mark(label, ""),)
        for name, rest in spelled(text, owner and owner + "."):
            marks = (Mark(label, rest),) if rest else plain
            known = names.get(name)
            names[name] = known + marks if known else marks
            if owner and not known:
                owners[name[len(owner) + 1 :]].append(owner)

    def closed(self) -> Catalogue:
        """The finished catalogue."""
        tables = {
            kind: Table(names, {name: tuple(owners) for name, owners in self.owners[kind].items()})
            for kind, names in self.names.items()
        }
        methods = {name: tuple(types) for name, types in self.methods.items()}
        return Catalogue(
            tuple(self.libraries), self.aliases, self.distributions, self.types, methods, self.bare, tables
        )


def _labelled(kind: str, value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The tables of names under one key, with their labels; a resource has one for each role."""
    if kind != "resources":
        yield from value.items()
        return
    for resource, roles in value.items():
        for role, text in roles.items():
            name, _, at = role.partition("_at_")
            yield f"{resource} {name} {at or 'call'}", text
