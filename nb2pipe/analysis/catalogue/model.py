"""The questions that can be asked about a library, and the shape of the answers."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import Literal

from .conditions import Given, arguments, holds
from .tables import Marks, Table

Mutation = Literal["sure", "likely", "possible", "no"]
Sharing = Literal["self", "view", "elements", "fresh"]
NOTHING: Given = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Library:
    """One library: what it is imported as, how people abbreviate it, which variables its import reads."""

    name: str
    roots: tuple[str, ...]
    usual_names: Mapping[str, str]
    import_variables: frozenset[str]


@dataclass(frozen=True, slots=True)
class Methods:
    """How the methods of one type treat their receiver."""

    bases: tuple[str, ...] = ()
    mutates: frozenset[str] = frozenset()
    inplace: frozenset[str] = frozenset()
    pure: frozenset[str] = frozenset()
    is_complete: bool = False  # every method that is not listed leaves the receiver alone
    items: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """What indexing gives, and what it shares with what was indexed."""

    type: str
    sharing: Sharing


@dataclass(frozen=True, slots=True)
class Touch:
    """A call's use of ambient state; `at` tells whether the call itself or a later `fit`, `split` or `iter` does it."""

    resource: str
    role: str  # read, write, draw, seed; advance = takes numbers, but the result does not depend on them
    at: str = "call"
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class FileUse:
    """How a call uses a file, and which of its arguments (by position or keyword, or "self") names it."""

    role: str  # reads, writes, appends, removes
    arguments: tuple[int | str, ...]
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class NamesInText:
    """A call that looks up variables named in a string argument."""

    flavour: str  # query, formula, python, session
    arguments: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """Something that current releases no longer have."""

    name: str
    version: str
    replacement: str


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """All libraries together (there is one, so answers are remembered by its identity)."""

    libraries: tuple[Library, ...]
    aliases: Mapping[str, str]
    distributions: Mapping[str, str]
    types: Mapping[str, Methods]
    methods: Mapping[str, tuple[str, ...]]  # bare name -> types that say something about it
    bare: Mapping[str, Mutation]  # what to make of a method of an unknown receiver where types disagree
    tables: Mapping[str, Table]

    # --- libraries and names

    def usual_name(self, alias: str) -> str | None:
        """The qualified name that people mean by this alias, or None."""
        found = next((one.usual_names[alias] for one in self.libraries if alias in one.usual_names), None)
        return found or (_estimators(self).get(alias) if alias[:1].isupper() or "_" in alias else None)

    def distribution(self, root: str) -> str:
        """The name under which pip installs the package with this import root."""
        return self.distributions.get(root, root)

    def is_standard(self, root: str) -> bool:
        """Whether the module comes with Python."""
        return root in sys.stdlib_module_names

    def is_known(self, root: str) -> bool:
        """Whether the import root is a well-known installable package or comes with Python."""
        return (
            root in self.distributions
            or self.is_standard(root)
            or any(root in library.roots for library in self.libraries)
        )

    def import_readers(self, variable: str) -> frozenset[str]:
        """Import roots of the libraries that read this environment variable when they are imported."""
        readers = (one.roots for one in self.libraries if variable in one.import_variables)
        return frozenset(root for roots in readers for root in roots)

    def canonical(self, name: str) -> str:
        """The name under which the catalogue knows this thing."""
        return _canonical(self, name)

    # --- mutation

    def mutation(self, method: str, receiver: str | None, given: Given = NOTHING) -> Mutation:
        """How certain it is that calling this method changes its receiver (None: of unknown type)."""
        if receiver is None or not self.knows_type(receiver):
            return self._mutation_of_unknown(method, given)
        complete = False
        for one in self.lineage(receiver):
            methods = self.types[one]
            complete = complete or methods.is_complete
            if method in methods.mutates:
                return "sure"
            if method in methods.inplace:
                return _MUTATION[holds("inplace=True", given)]
            if method in methods.pure:
                return "no"
        return "no" if complete or _is_pure_dunder(method) else "possible"

    def mutates(self, method: str, receiver: str | None, given: Given = NOTHING) -> bool | None:
        """Whether calling this method changes its receiver; None when nothing is known."""
        return {"sure": True, "likely": True, "no": False}.get(self.mutation(method, receiver, given))

    def _mutation_of_unknown(self, method: str, given: Given) -> Mutation:
        if "inplace" in given:
            return _MUTATION[holds("inplace=True", given)]
        if method in self.bare:
            return self.bare[method]
        types = [self.types[one] for one in self.methods.get(method, ())]
        changing = [method in one.mutates for one in types]
        if not types:
            return "no" if _is_pure_dunder(method) else "possible"
        return "likely" if all(changing) else "possible" if any(changing) else "no"

    def changed_arguments(self, name: str, given: Given = NOTHING) -> tuple[int | str, ...]:
        """The arguments (positions and keywords) that this call changes in place."""
        return self._arguments("changes", name, given)

    # --- types and aliases

    def knows_type(self, name: str) -> bool:
        """Whether the catalogue describes the methods of this type."""
        return bool(self.lineage(name))

    def lineage(self, name: str) -> tuple[str, ...]:
        """The type and the types it inherits from, nearest first."""
        return _lineage(self, name)

    def is_a(self, name: str, ancestor: str) -> bool:
        """Whether the type is, or inherits from, the other one."""
        return ancestor in self.lineage(name)

    def returns(self, name: str, given: Given = NOTHING) -> str | None:
        """The type of what a call (or attribute) gives: `list`, `pandas.DataFrame`, `tuple[a, b]`."""
        labels = [mark.label for mark in self._marks("returns", name, given)]
        if labels and name[0] != ".":
            return self.canonical(name).rpartition(".")[0] if labels[0] == "Self" else labels[0]
        if name[0] == ".":
            return labels[0] if len(set(labels)) == 1 and labels[0] != "Self" else None
        return self.canonical(name) if self.knows_type(name) else None

    def item(self, receiver: str, key: str) -> Item | None:
        """What `receiver[key]` gives for a key that is a `str`, `int`, `list`, `slice`, `mask` or `tuple`."""
        for one in self.lineage(receiver):
            found = self.types[one].items.get(key)
            if found:
                kind, _, sharing = found.partition(":")
                return Item(kind, _ITEM_SHARING.get(sharing, "fresh"))
        return None

    def sharing(self, name: str, given: Given = NOTHING) -> Sharing | None:
        """What the result of a method shares with its receiver: it may be `self`, a view, or hold its elements."""
        if name[0] == ".":
            owners = {one for kind in _SHARING for one in self._owners(kind, name[1:])}
            answers = {self.sharing(one + name, given) for one in owners}
            return answers.pop() if len(answers) == 1 else None
        for kind, answer in _SHARING.items():
            if self._marks(kind, name, given):
                return answer
        receiver, _, method = name.rpartition(".")
        is_pure = any(method in self.types[one].pure for one in self.lineage(receiver)) if receiver else False
        return "fresh" if is_pure else None

    def shared_arguments(self, name: str, given: Given = NOTHING) -> tuple[int | str, ...]:
        """The arguments that the result may be, hold or share memory with."""
        return self._arguments("gives_argument", name, given)

    def shared_elements(self, name: str, given: Given = NOTHING) -> tuple[int | str, ...]:
        """The arguments whose elements (not they themselves) the result holds."""
        return self._arguments("gives_elements", name, given)

    def is_iterator(self, name: str, given: Given = NOTHING) -> bool:
        """Whether the call gives something that can be read only once."""
        return bool(self._marks("iterators", name, given))

    def why_unpicklable(self, name: str, given: Given = NOTHING) -> str:
        """What makes the value of this call (or type) impossible to store, else ""."""
        return self._label("unpicklable", name, given)

    # --- the outside world

    def touches(self, name: str, given: Given = NOTHING) -> tuple[Touch, ...]:
        """The ambient state that a call (or attribute) reads, writes, draws from or seeds."""
        found = []
        for mark in self._marks("resources", name, given):
            resource, role, *at = mark.label.split()
            if role != "none":
                found.append(
                    Touch(resource, role, at[-1] if at else "call", holds(mark.condition, given) is True)
                )
        return tuple(found)

    def file_uses(self, name: str, given: Given = NOTHING) -> tuple[FileUse, ...]:
        """The files that a call reads, writes, appends to or removes."""
        found: list[FileUse] = []
        for mark in self._marks("files", name, given):
            places = arguments(mark.rest)
            if mark.label == "opens":
                found += _opened(places, given)
            else:
                found.append(FileUse(mark.label, places, holds(mark.condition, given) is True))
        return tuple(found)

    def accepts_address(self, name: str) -> bool:
        """Whether the path argument of this reader may be an http(s), s3 or other network address."""
        return bool(self._marks("address_readers", name, NOTHING))

    def order(self, name: str) -> Literal["arbitrary", "ignored", ""]:
        """Whether the call gives things in arbitrary order, or makes the order of what it gets not matter."""
        if self._marks("arbitrary_order", name, NOTHING):
            return "arbitrary"
        return "ignored" if self._marks("ignores_order", name, NOTHING) else ""

    def waits_for_input(self, name: str, given: Given = NOTHING) -> bool:
        """Whether the call waits for a person."""
        return any(holds(mark.condition, given) for mark in self._marks("waits_for_input", name, given))

    def exits(self, name: str) -> bool:
        """Whether the call ends the kernel."""
        return bool(self._marks("exits", name, NOTHING))

    def is_widget(self, name: str) -> bool:
        """Whether the call makes something that a person moves."""
        return bool(self._marks("widgets", name, NOTHING))

    def platform(self, name: str) -> str:
        """The platform without which this module, name or path does not exist, else ""."""
        for part in _heads(name, "/" if "/" in name else "."):
            found = self._label("platforms", part, NOTHING)
            if found:
                return found
        return ""

    def why_one_process(self, name: str) -> str:
        """Why a notebook that uses this cannot be spread over processes, else ""."""
        return self._label("one_process", name, NOTHING).removeprefix("none")

    # --- meaning

    def names_in_text(self, name: str) -> NamesInText | None:
        """The argument of this call that names variables in a string, if there is one."""
        marks = self._marks("names_in_text", name, NOTHING)
        return NamesInText(marks[0].label, arguments(marks[0].rest)) if marks else None

    def estimator(self, name: str) -> str:
        """The part a class or function plays in learning: transformer, predictor, splitter, ..., else ""."""
        return self._label("estimators", name, NOTHING)

    def again(self, name: str, given: Given = NOTHING) -> str:
        """What calling it on its own result does: fails, differs, joins (makes it longer), converts (to another type)."""
        return self._label("again", name, given)

    def removed(self, name: str, given: Given = NOTHING) -> Removed | None:
        """What is gone from current releases: this name, a module above it, or an argument given here."""
        for part in [name] if name[:1] == "." else _heads(name):
            for mark in self._marks("removed", part, given):
                if holds(mark.condition, given):
                    version, _, replacement = mark.label.partition(" ")
                    argument = (
                        mark.condition.partition("&")[0].lstrip("+!").partition("=")[0].partition("~")[0]
                    )
                    is_named = argument.isidentifier()
                    return Removed(f"{part}({argument}=...)" if is_named else part, version, replacement)
        return None

    def may_be_removed(self, name: str) -> bool:
        """Whether something is said of this name, or of a module above it, being gone."""
        return _may_be_removed(self, name)

    def loads_pickle(self, name: str, given: Given = NOTHING) -> bool:
        """Whether the call runs whatever code the file that it loads holds."""
        return bool(self._marks("unsafe_loaders", name, given))

    def skips_verification(self, name: str, given: Given = NOTHING) -> bool:
        """Whether the call talks to a server whose certificate it does not check."""
        return any(holds(mark.condition, given) for mark in self._marks("unverified", name, given))

    # --- looking up

    def _owners(self, kind: str, method: str) -> tuple[str, ...]:
        return self.tables[kind].owners.get(method, ())

    def _label(self, kind: str, name: str, given: Given) -> str:
        return next((mark.label for mark in self._marks(kind, name, given)), "")

    def _arguments(self, kind: str, name: str, given: Given) -> tuple[int | str, ...]:
        return tuple(place for mark in self._marks(kind, name, given) for place in arguments(mark.rest))

    def _marks(self, kind: str, name: str, given: Given) -> Marks:
        """What is said about a name, without what the arguments rule out."""
        found = _found(self, kind, name) if name and kind in self.tables else ()
        return tuple(mark for mark in found if holds(mark.condition, given) is not False) if found else ()


_ITEM_SHARING: Mapping[str, Sharing] = {"view": "view", "elements": "elements"}
_SHARING: Mapping[str, Sharing] = {
    "gives_self": "self",
    "gives_view": "view",
    "gives_elements": "elements",
    "fresh": "fresh",
    "returns": "fresh",
}
_ESTIMATOR = "sklearn.base.BaseEstimator"
_FITTED = frozenset({"transformer", "stateless", "predictor", "clusterer", "pipeline", "search", "balancer"})
_MUTATION: Mapping[bool | None, Mutation] = {True: "sure", False: "no", None: "possible"}


@cache
def _estimators(know: Catalogue) -> Mapping[str, str]:
    """The classes and functions of learning by their last names, where only one library has such a one."""
    found: dict[str, str] = {}
    for name in know.tables["estimators"].names:
        last = name.rpartition(".")[2]
        found[last] = "" if last in found else name
    return {last: name for last, name in found.items() if name and len(last) > 4}


@cache
def _canonical(know: Catalogue, name: str) -> str:
    name = name.removeprefix("builtins.")
    for _ in range(4):
        head = next((part for part in _heads(name) if part in know.aliases), None)
        if head is None:
            break
        name = know.aliases[head] + name[len(head) :]
    return name


@cache
def _may_be_removed(know: Catalogue, name: str) -> bool:
    parts = [name] if name[:1] == "." else _heads(name)
    return any(_found(know, "removed", part) for part in parts if part)


@cache
def _lineage(know: Catalogue, name: str) -> tuple[str, ...]:
    name = _plain(know.canonical(name))
    if name in know.types:
        return name, *(one for base in know.types[name].bases for one in know.lineage(base))
    is_class = name.rpartition(".")[2][:1].isupper()
    return know.lineage(_ESTIMATOR) if is_class and know.estimator(name) in _FITTED else ()


@cache
def _found(know: Catalogue, kind: str, name: str) -> Marks:
    """All that a table says about a name: itself, a method that its type inherits, or everything beside it."""
    table = know.tables[kind]
    if name in table.names:
        return table.names[name]
    if name[0] == ".":
        types = table.owners.get(name[1:], ())
        return tuple(dict.fromkeys(mark for one in types for mark in table.names[one + name]))
    name = know.canonical(name)
    heads = () if kind == "estimators" else _heads(name)[1:]
    owners = (one + name[len(head) :] for head in heads for one in know.lineage(head))
    tried = chain((name,), owners, (f"{name.rpartition('.')[0]}.*",))
    return next((table.names[one] for one in tried if one in table.names), ())


@cache
def _heads(name: str, separator: str = ".") -> tuple[str, ...]:
    """The name and the dotted names above it, longest first."""
    parts = name.split(separator)
    return tuple(separator.join(parts[:end]) for end in range(len(parts), 0, -1) if any(parts[:end]))


def _plain(name: str) -> str:
    """The type without what it holds: `tuple[a, b]` is a tuple."""
    return name.partition("[")[0]


def _is_pure_dunder(method: str) -> bool:
    changing = ("__i", "__set", "__del", "__next", "__enter", "__exit", "__call")
    return method.startswith("__") and not (
        method.startswith(changing) and method not in {"__iter__", "__int__"}
    )


def _opened(places: tuple[int | str, ...], given: Given) -> list[FileUse]:
    """What an `open`-like call does, by its mode (the last two of the places)."""
    path, (position, keyword) = places[:-2], places[-2:]
    mode = given.get(position, given.get(keyword, ... if "**" in given else "r"))
    if not isinstance(mode, str):
        return [FileUse("reads", path, False), FileUse("writes", path, False)]
    roles = [("reads", "r" in mode), ("writes", bool(set("wx") & set(mode)) or "r+" in mode.replace("b", ""))]
    return [FileUse(role, path) for role, is_so in [*roles, ("appends", "a" in mode)] if is_so]
