"""Calls -> what they give, change and touch: of libraries by the catalogue, of the notebook's own code by walking it."""

import ast
from collections.abc import Mapping
from typing import Any

from . import expressions, functions
from .elements import element
from .sharing import Site, argument, share_arguments, share_receiver
from .state import Tracer
from .texts import text_of_call, text_of_method
from .things import Given, Thing

CHOOSERS = frozenset("next min max random.choice".split())
STRUCTURE = frozenset(
    "drop dropna rename sort_values sort_index reset_index set_index drop_duplicates insert pop __setitem__ __delitem__ update eval set_axis".split()
)
FRAMES = ("pandas.DataFrame", "pandas.Series")
# They are given an iterator, and read nothing or one element.
LOOKING = frozenset("iter print type next isinstance display id repr str callable hasattr".split())
# Builtins that only look at what they are given.
HARMLESS = frozenset(
    "print len str repr int float bool sum abs round type isinstance sorted list tuple dict set any all range zip map"
    " filter enumerate display hasattr getattr id format callable issubclass min max reversed open input".split()
)


def call(t: Tracer, node: ast.Call) -> Thing:
    """What a call gives."""
    function = node.func
    if isinstance(function, ast.Attribute):
        receiver = expressions.evaluate(t, function.value)
        if receiver.kind != "name":
            return _method(t, node, receiver, function.attr)
        called = Thing(kind="name", origin=t.know.canonical(f"{receiver.origin}.{function.attr}"))
    else:
        called = _plain_name(t, function) or expressions.evaluate(t, function)
    args, keywords, given = arguments(t, node)
    return apply(t, node, called, args, keywords, given)


def _plain_name(t: Tracer, function: ast.expr) -> Thing | None:
    """A name that is called; it is no use of its own."""
    return t.load(function.id) if isinstance(function, ast.Name) else None


def arguments(t: Tracer, node: ast.Call) -> tuple[list[Thing], dict[str, Thing], dict[int | str, Any]]:
    """The arguments as things, and what the text tells of their values."""
    args: list[Thing] = []
    keywords: dict[str, Thing] = {}
    given: dict[int | str, Any] = {}
    for number, one in enumerate(node.args):
        thing = expressions.evaluate(t, one)
        args.append(thing)
        given["**" if isinstance(one, ast.Starred) else number] = thing.const
    for keyword in node.keywords:
        thing = expressions.evaluate(t, keyword.value)
        if keyword.arg is None:
            given["**"] = ...
            for key, known in (thing.keyed or {}).items() if thing.type == "dict" else ():
                if isinstance(key, str) and not key.startswith("."):
                    keywords.setdefault(key, known)
                    given.setdefault(key, known.const)
        else:
            keywords[keyword.arg] = thing
            given[keyword.arg] = thing.const
    return args, keywords, given


def apply(
    t: Tracer,
    node: ast.AST,
    called: Thing,
    args: list[Thing],
    keywords: dict[str, Thing],
    given: Mapping[int | str, Any],
) -> Thing:
    """Call a thing."""
    if called.kind == "name":
        return named(t, node, called.origin, args, keywords, given)
    if called.kind == "function":
        _run_callbacks(t, args, keywords)
        return functions.invoke(t, called, args, keywords)
    if called.kind == "class":
        return functions.instance(t, node, called, args, keywords)
    if called.kind == "bound":
        bound = Thing(kind="function", node=called.node, scope=called.scope, place=called.place)
        return functions.invoke(t, bound, [called.owner or called, *args], keywords)
    own = functions.member(t, called, "__call__")
    if own is not None:
        return functions.invoke(t, own, [called, *args], keywords)
    name = f"{called.type or ''}.__call__"
    result = t.made(None, name, node, (called, *args[:8]))
    t.called(name, node, called, tuple(args), keywords, given, result)
    _run_callbacks(t, args, keywords)
    for one in called.alts:
        if one.kind == "function":
            functions.invoke(t, one, args, keywords)
    return result


def named(
    t: Tracer,
    node: ast.AST,
    name: str,
    args: list[Thing],
    keywords: dict[str, Thing],
    given: Given,
) -> Thing:
    """Call a library's function or class."""
    know = t.know
    if name in CHOOSERS and args:
        _changed_arguments(t, node, name, args, keywords, given)
        result = (
            element(t, args[0], node)
            if len(args) == 1 or name == "next"
            else t.made(None, name, node, tuple(args))
        )
        t.called(name, node, None, tuple(args), keywords, given, result)
        _run_callbacks(t, args, keywords, args[0])
        return result
    sources = (*args[:8], *list(keywords.values())[:8])
    result = t.made(know.returns(name, given), name, node, sources, given)
    result.const = text_of_call(name, args)
    t.called(name, node, None, tuple(args), keywords, given, result)
    _changed_arguments(t, node, name, args, keywords, given)
    share_arguments(t, Site(node, name, args, keywords, given, result))
    given_back = _run_callbacks(t, args, keywords, args[1] if len(args) > 1 else None)
    if name == "map":
        result.sources += tuple(given_back[:2])
        for one in given_back:
            result.hold(one)
    return result


def _changed_arguments(
    t: Tracer, node: ast.AST, name: str, args: list[Thing], keywords: dict[str, Thing], given: Given
) -> None:
    how = f"argument:{name.rpartition('.')[2]}"
    for place in t.know.changed_arguments(name, given):
        thing = argument(args, keywords, place)
        if thing is not None:
            t.change(thing, how, "sure", node, through=_node_of(node, place))
    if name == "setattr" and len(args) == 3 and isinstance(args[1].const, str):
        args[0].hold(args[2], f".{args[1].const}")
    if name in LOOKING or name in t.know.tables["iterators"].names or t.know.is_iterator(name):
        return  # wrapped, not read yet
    for number, thing in enumerate(args):
        if thing.kind == "value" and expressions.is_iterator(t, thing):
            expressions.use_up(t, thing, _node_of(node, number) or node)


def _node_of(node: ast.AST, place: int | str) -> ast.AST | None:
    if isinstance(node, ast.Call):
        if isinstance(place, int):
            return node.args[place] if place < len(node.args) else None
        return next((one.value for one in node.keywords if one.arg == place), None)
    return None


def _run_callbacks(
    t: Tracer, args: list[Thing], keywords: dict[str, Thing], over: Thing | None = None
) -> list[Thing]:
    """Functions that are handed to a call are run by it; what they give back."""
    found = []
    for one in (*args, *keywords.values()):
        if one.kind in ("function", "bound") and one.node is not None:
            given = [element(t, over, one.node)] if over is not None and over is not one else []
            if one.kind == "bound":
                given = [one.owner or one, *given]
            with t.guarded():
                found.append(functions.invoke(t, one, given, {}))
    return found


def _method(t: Tracer, node: ast.Call, receiver: Thing, method: str) -> Thing:
    """Call a method of an object."""
    own = receiver.keyed.get(f".{method}") if receiver.keyed else None
    own = own or functions.member(t, receiver, method)
    args, keywords, given = arguments(t, node)
    if own is not None:
        if (
            own.kind == "function"
            and own.node is not None
            and not (receiver.keyed and f".{method}" in receiver.keyed)
        ):
            _run_callbacks(t, args, keywords)
            return functions.invoke(
                t, own, args if functions.is_static(own.node) else [receiver, *args], keywords
            )
        return apply(t, node, own, args, keywords, given)
    known = bool(receiver.type) and t.know.knows_type(receiver.type or "")
    if receiver.owner is not None and receiver.owner.keyed:
        for one in receiver.owner.keyed.values():  # what is inherited may call any of its own methods
            if one.node is not None:
                functions.read_all(t, one.node)
    name = f"{receiver.type}.{method}" if known else f".{method}"
    result = t.made(
        t.know.returns(name, given), name, node, (receiver, *args[:8], *list(keywords.values())[:8]), given
    )
    if receiver.type == "str" or (not known and isinstance(receiver.const, str)):
        result.const = text_of_method(receiver.const, method, args)
    t.called(name, node, receiver, tuple(args), keywords, given, result)
    _change_receiver(t, node, receiver, method, name, args, given)
    if known:
        _changed_arguments(t, node, name, args, keywords, given)
    site = Site(node, name, args, keywords, given, result)
    share_receiver(t, site, receiver, method, is_known=known)
    _run_callbacks(t, args, keywords, receiver)
    return result


def _change_receiver(
    t: Tracer, node: ast.Call, receiver: Thing, method: str, name: str, args: list[Thing], given: Given
) -> None:
    type_ = receiver.type if receiver.type and t.know.knows_type(receiver.type) else None
    certainty = t.know.mutation(method, type_, given)
    if certainty == "no" or (certainty == "possible" and type_ is not None and method not in t.know.bare):
        return
    if certainty == "likely" and type_ is None and not _looks_changing(method, args, given, receiver):
        certainty = "possible"
    how = f"inplace:{method}" if "inplace" in given else f"method:{method}"
    is_structure = receiver.type in FRAMES and method in STRUCTURE
    if receiver.type == "pandas.Series" and receiver.origin == "item" and how.startswith("inplace"):
        is_structure = False
    value = args[-1] if args else None
    if method in ("append", "add", "appendleft", "insert", "put", "extend", "update", "setdefault", "push"):
        for one in args:
            _take_up(t, receiver, one, method)
    t.change(
        receiver,
        how,
        certainty,
        node,
        through=node.func,
        is_structure=is_structure,
        key=given.get(0, ...),
        value=value,
        given=given,
    )


def _looks_changing(method: str, args: list[Thing], given: Given, receiver: Thing) -> bool:
    """Whether a method of an object of unknown type is used as the changing one of its name is."""
    if method == "append" and (
        "ignore_index" in given or (args and args[0].type in FRAMES and receiver.type in FRAMES)
    ):
        return False  # pandas' old append gives a new frame
    if method in ("remove", "discard", "add", "insert"):
        return bool(args)
    return True


def _take_up(t: Tracer, receiver: Thing, one: Thing, method: str) -> None:
    if method in ("extend", "update"):
        for part in one.parts or ():
            receiver.hold(part)
        for key, part in (one.keyed or {}).items():
            if isinstance(key, str) and method == "update":
                receiver.hold(part, key)
    elif not one.is_plain:
        receiver.hold(one)
