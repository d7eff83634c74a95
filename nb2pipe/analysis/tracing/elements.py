"""What iteration, indexing and unpacking give, and whether it is the thing's own element, a view, or fresh."""

import ast

from .state import Tracer
from .things import Thing

# Looping over one of these gives new objects.
FRESH_ITERATION = {
    "str": "str",
    "range": "int",
    "bytes": "int",
    "pandas.DataFrame": "str",
    "pandas.Series": None,
    "pandas.Index": None,
    "io.IOBase": "str",
}
FRESH_ORIGINS = ("iterrows", "itertuples")
PAIRS = ("enumerate", "zip")
UNHELD = ("operator", "comparison", "text")


def element(t: Tracer, thing: Thing, node: ast.AST, key: object = ...) -> Thing:
    """An element of a thing."""
    if key is not ... and thing.keyed and key in thing.keyed:
        return thing.keyed[key]
    if thing.type in FRESH_ITERATION:
        return t.made(FRESH_ITERATION[thing.type], "element", node, (thing,))
    if thing.parts:
        return t.merged(thing.parts) or thing.parts[0]
    if thing.keyed and all(isinstance(one, int) for one in thing.keyed):
        found = t.merged(list(thing.keyed.values()))
        if found is not None:
            return found
    if thing.type == "pandas.GroupBy":
        return _group(t, thing, node)
    made = t.made(None, "element", node, (thing,))
    if thing.origin.endswith(FRESH_ORIGINS) or thing.is_plain:
        return made
    if thing.type == "numpy.ndarray":
        made.share(thing)
    else:
        thing.hold(made)
    return made


def _group(t: Tracer, thing: Thing, node: ast.AST) -> Thing:
    pair = t.made("tuple", "element", node, (thing,))
    pair.hold(t.made(None, "element", node, (thing,)), 0)
    pair.hold(t.made("pandas.DataFrame", "element", node, (thing,)), 1)
    return pair


def part(t: Tracer, thing: Thing, index: int, count: int, node: ast.AST) -> Thing:
    """What the target at this position gets when a thing is unpacked."""
    if thing.keyed and index in thing.keyed:
        return thing.keyed[index]
    type_ = thing.type or ""
    if type_.startswith("tuple["):
        types = _split(type_[6:-1])
        made = t.made(types[index] if index < len(types) else None, thing.origin, node, (thing,), thing.given)
        made.index = index
        thing.hold(made, index)
        return made
    is_taken_apart = thing.keyed is not None and all(isinstance(one, int) for one in thing.keyed)
    if thing.origin and thing.kind == "value" and (not thing.parts or is_taken_apart):
        made = t.made(None, "part", node, (thing,), thing.given)
        made.index = index
        if thing.origin.endswith("train_test_split"):
            source = thing.sources[index // 2] if index // 2 < len(thing.sources) else None
            made.type = source.type if source is not None else None
            made.origin = thing.origin
        elif not thing.is_plain and thing.type not in FRESH_ITERATION:
            if thing.type == "numpy.ndarray":
                made.share(thing)
            else:
                thing.hold(made, index)
        return made
    return element(t, thing, node)


def _split(text: str) -> list[str]:
    found, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign == "[") - (sign == "]")
        if sign == "," and not depth:
            found.append(text[start:place].strip())
            start = place + 1
    return [*found, text[start:].strip()]


def item(t: Tracer, receiver: Thing, key: Thing, node: ast.AST) -> Thing:
    """What `receiver[key]` gives."""
    known = key.const if isinstance(key.const, (str, int)) else ...
    if known is not ... and receiver.keyed and known in receiver.keyed:
        return receiver.keyed[known]
    type_ = receiver.type or ""
    if type_ in ("list", "tuple") and key.type == "slice":
        result = t.made(type_, "item", node, (receiver, key), {0: key.const})
        for one in receiver.parts or ():
            result.hold(one)
        return result
    if type_ in ("list", "dict", "tuple", "") or type_ not in t.know.types or t.know.is_a(type_, "dict"):
        if receiver.origin.endswith((".loc", ".iloc")) and receiver.sources:
            return _located(t, receiver, key, node)
        return _held(t, receiver, key, known, node)
    kind = key_kind(key)
    told = t.know.item(type_, kind) if kind else None
    result = t.made(told.type if told else _guessed(type_, key), "item", node, (receiver, key))
    result.given = {0: key.const}
    if (told is not None and told.sharing == "view") or (told is None and kind == "int"):
        if not receiver.is_plain:
            result.share(receiver)
    elif told is not None and told.sharing == "elements":
        for one in receiver.parts or ():
            result.hold(one)
    if receiver.origin.endswith((".loc", ".iloc")):
        return _located(t, receiver, key, node)
    return result


def _located(t: Tracer, receiver: Thing, key: Thing, node: ast.AST) -> Thing:
    """`df.loc[rows, column]`: a frame or a column, a view where slices choose."""
    frame = receiver.sources[0] if receiver.sources else receiver
    parts = key.keyed or {}
    column = parts.get(1)
    if column is not None and column.type in ("str", "int"):
        type_: str | None = "pandas.Series"
    else:
        rows = parts.get(0) or key
        type_ = frame.type if rows.type != "int" else None
    result = t.made(type_, "located", node, (frame, key))
    result.given = {0: key.const}
    return result


def _held(t: Tracer, receiver: Thing, key: Thing, known: object, node: ast.AST) -> Thing:
    if receiver.parts and known is ...:
        return t.merged(receiver.parts) or receiver.parts[0]
    if receiver.parts and receiver.type == "list" and not receiver.keyed:
        return t.merged(receiver.parts) or receiver.parts[0]
    made = t.made(None, "item", node, (receiver, key))
    made.given = {0: key.const}
    if receiver.type is None and (receiver.origin in UNHELD or key_kind(key) in ("list", "mask")):
        return made
    if receiver.type is None and key.type in ("slice", "str", None) and known is ...:
        made.share(receiver)  # a frame or an array of unknown type
    elif not receiver.is_plain and not receiver.origin.endswith(FRESH_ORIGINS):
        receiver.hold(made, known)
    return made


def key_kind(key: Thing) -> str:
    """What kind of key the catalogue is asked for."""
    if key.type in ("str", "int", "list", "slice", "tuple"):
        return key.type
    if key.type in ("pandas.Series", "numpy.ndarray", "pandas.Index", "pandas.DataFrame"):
        return "list" if key.type == "pandas.Index" else "mask"
    return "mask" if key.origin in ("comparison", "operator") else ""


def _guessed(type_: str, key: Thing) -> str | None:
    return "pandas.Series" if type_ == "pandas.DataFrame" and key.type is None else None
