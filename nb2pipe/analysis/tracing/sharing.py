"""What the result of a call is, holds, or is a view of."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .elements import element
from .state import Tracer
from .things import Given, Thing

LISTED = ("list", "tuple", "sorted", "reversed")
MAPPINGS = ("dict", "collections.OrderedDict", "collections.defaultdict")
COPIERS = ("dict", "copy.copy", "collections.OrderedDict", "list", "tuple")  # their result has the same keys
CONTAINERS = ("dict", "list", "collections.deque")
PLAIN_RESULTS = ("int", "float", "str", "bool", "NoneType")


@dataclass(frozen=True, slots=True)
class Site:
    """A call of a library with its parts."""

    node: ast.AST
    name: str
    args: list[Thing]
    keywords: dict[str, Thing]
    given: Given
    result: Thing

    def argument(self, place: int | str) -> Thing | None:
        """The argument at a position or under a keyword."""
        return argument(self.args, self.keywords, place)


def argument(args: Sequence[Thing], keywords: Mapping[str, Thing], place: int | str) -> Thing | None:
    """The argument at a position or under a keyword."""
    if isinstance(place, int):
        return args[place] if place < len(args) else None
    return keywords.get(place)


def share_arguments(t: Tracer, site: Site) -> None:
    """Note what the result holds of the arguments, or is a view of."""
    role = t.know.estimator(site.name)
    for place in t.know.shared_arguments(site.name, site.given):
        source = site.argument(place)
        if source is not None and not source.is_plain:
            _share_one(site, source, role)
    if site.name in ("enumerate", "zip"):
        site.result.hold(_together(t, site))
        return
    for place in t.know.shared_elements(site.name, site.given):
        source = site.argument(place)
        if source is not None:
            for one in source.parts or ():
                site.result.hold(one)
            if site.name in COPIERS:
                _copy_keys(source, site.result)
            if site.name in LISTED and isinstance(source.const, list):
                site.result.const = source.const


def _copy_keys(source: Thing, result: Thing) -> None:
    for key, one in (source.keyed or {}).items():
        result.hold(one, key)


def _share_one(site: Site, source: Thing, role: str) -> None:
    result = site.result
    if role and role != "pipeline":  # it works on a clone
        result.sources = (*result.sources, source) if source not in result.sources else result.sources
    elif role == "pipeline" or site.name.startswith("functools.partial"):
        result.share(source)
        for one in source.parts or ():
            result.share(one)
    elif result.type == source.type or source.type is None:
        result.share(source)


def _together(t: Tracer, site: Site) -> Thing:
    """What `zip` and `enumerate` give: tuples of elements."""
    found = t.made("tuple", "element", site.node, tuple(site.args))
    elements = [element(t, one, site.node) for one in site.args]
    if site.name == "enumerate":
        elements = [t.made("int", "element", site.node), *elements[:1]]
    for number, one in enumerate(elements):
        found.hold(one, number)
    return found


def share_receiver(t: Tracer, site: Site, receiver: Thing, method: str, *, is_known: bool) -> None:
    """Note what the result of a method shares with its receiver."""
    result = site.result
    if result.type in PLAIN_RESULTS:
        return
    if not is_known and method in ("items", "values", "keys"):
        for one in receiver.parts or ():
            result.hold(_pair(t, site.node, one) if method == "items" else one)
        return
    if method == "items" and receiver.type in MAPPINGS:
        result.hold(_pair(t, site.node, element(t, receiver, site.node)))
        return
    sharing = "self" if method == "__enter__" else t.know.sharing(site.name, site.given)
    if sharing == "self":
        result.alts = (receiver,)
        receiver.holders = [*(receiver.holders or ()), result][:40]
        result.type = result.type or receiver.type
    elif sharing == "elements" or (sharing == "view" and receiver.type in CONTAINERS):
        _take_element(site, receiver, method)
        if method == "copy":
            _copy_keys(receiver, site.result)
    elif sharing == "view" and receiver.type != "pandas.GroupBy":
        result.share(receiver)


def _take_element(site: Site, receiver: Thing, method: str) -> None:
    key = site.args[0].const if site.args else ...
    if method in ("get", "pop", "setdefault") and isinstance(key, (str, int)) and receiver.keyed:
        found = receiver.keyed.get(key)
        if found is not None:
            site.result.alts, site.result.type = (found,), found.type
            return
    for one in receiver.parts or ():
        site.result.hold(one)


def _pair(t: Tracer, node: ast.AST, one: Thing) -> Thing:
    pair = t.made("tuple", "element", node, (one,))
    pair.hold(t.made(None, "key", node), 0)
    pair.hold(one, 1)
    return pair
