"""A write goes through an intermediate selection (`df['a'][0] = 1`).

In pandas 1 and 2 it reaches the frame by luck, with pandas 3 it no longer does.
"""

import ast
from collections.abc import Iterator
from typing import TypeGuard

from nb2pipe.analysis.tracing import Change, Thing
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.notebooks.walking import walked

RULE = Rule(
    "NB605",
    "chained-assignment",
    Severity.WARNING,
    message="this write goes through a selection of `{variable}`: with pandas 3 it does not reach `{variable}`",
    hint="write in one step: {variable}.loc[rows, column] = value, or {variable}[column] = {variable}[column].method(...)",
)
GOOD = [cells("import pandas as pd\nd = pd.DataFrame({'a': [1]})", "d.loc[0, 'a'] = 2")]
BAD = [
    (
        cells("import pandas as pd\nd = pd.DataFrame({'a': [1]})", "d['a'][0] = 2"),
        ["2:1 this write goes through a selection of `d`: with pandas 3 it does not reach `d`"],
    ),
    (
        cells("import pandas as pd\nd = pd.DataFrame({'a': [1]})", "d[d['a'] > 0]['a'] = 2"),
        ["2:1 this write goes through a selection of `d`: with pandas 3 it does not reach `d`"],
    ),
]
FRAME = "pandas.DataFrame"
SERIES = "pandas.Series"
LOCATORS = ("loc", "iloc", "at", "iat")
# Attributes of a frame that are no columns.
NO_COLUMNS = (*LOCATORS, "values", "index", "columns", "attrs", "T", "style", "plot", "flags")
OF_FRAMES = ("columns", "index", "name", "attrs", "flags")


def check(view: View) -> Iterator[Finding]:
    """The first such write to each frame in a cell."""
    seen: set[tuple[int, str]] = set()
    frames = _frames(view)
    for cell in view.cells:
        for one in cell.statements:
            if not frames.keys() & (one.use.reads.keys() | one.use.binds.keys() | one.use.deferred.keys()):
                continue
            for node, name in _writes(one.node):
                spot = Spot(cell.number, node.lineno, node.col_offset + 1)
                if (cell.number, name) not in seen and _is_frame(frames, name, spot):
                    seen.add((cell.number, name))
                    yield RULE.at(spot, variable=name)
    for change in view.trace.changes:  # those in functions, where a parameter is the frame
        key = (change.place.cell, change.through)
        if change.through and not change.is_direct and key not in seen and _is_selection(change):
            seen.add(key)
            yield RULE.at(Spot(*change.place), variable=change.through)


def _is_selection(change: Change) -> bool:
    is_inplace = change.how.startswith("inplace:") or change.how == "method:update"
    thing = change.thing
    if not thing.sources or thing.sources[0].type != FRAME or thing.type not in (FRAME, SERIES):
        return False
    if thing.origin == "located":
        return is_inplace or (thing.type == SERIES and change.how in ("item", "augmented"))
    is_column = thing.origin == "item" or (thing.origin.startswith(FRAME + ".") and bool(thing.given))
    return is_column and (is_inplace or change.how in ("item", "augmented"))


def _frames(view: View) -> dict[str, list[tuple[int, int, bool]]]:
    """The names that stand for a frame somewhere, with each binding and whether it is one."""
    found: dict[str, list[tuple[int, int, bool]]] = {}
    for one in view.trace.bindings:
        found.setdefault(one.name, []).append((one.run.cell, one.run.line, _may_be_frame(one.thing)))
    return {name: ones for name, ones in found.items() if any(is_frame for *_, is_frame in ones)}


def _may_be_frame(thing: Thing) -> bool:
    return thing.type == FRAME or (thing.type is None and any(one.type == FRAME for one in thing.alts))


def _is_frame(frames: dict[str, list[tuple[int, int, bool]]], name: str, spot: Spot) -> bool:
    """Whether the name stands for a frame at this place."""
    last = False
    for cell, line, is_frame in frames.get(name, ()):
        if (cell, line) < (spot.cell, spot.line):
            last = is_frame
    return last


def _writes(statement: ast.stmt) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    """The writes through a selection, with the name that is selected from."""
    for node in walked(statement):
        if not isinstance(node, (ast.Assign, ast.AugAssign, ast.Call)):
            continue
        match node:
            case ast.Assign(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Subscript):
                        yield from _through(node, _without_locator(target.value))
                    elif _is_column_of_rows(target):
                        yield from _through(node, target.value)
            case ast.AugAssign(target=ast.Subscript(value=value)):
                yield from _through(node, _without_locator(value))
            case ast.Call(func=ast.Attribute(value=value), keywords=keywords) if any(
                one.arg == "inplace" and isinstance(one.value, ast.Constant) and one.value.value is True
                for one in keywords
            ):
                yield from _through(node, value)
            case _:
                pass


def _is_column_of_rows(target: ast.expr) -> TypeGuard[ast.Attribute]:
    """`df[df.a > 1].b = 0`."""
    return (
        isinstance(target, ast.Attribute)
        and target.attr not in OF_FRAMES
        and isinstance(target.value, ast.Subscript)
        and isinstance(target.value.slice, (ast.Compare, ast.BoolOp, ast.BinOp))
    )


def _without_locator(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Attribute) and node.attr in LOCATORS else node


def _through(node: ast.stmt | ast.expr, written: ast.expr) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    """The name of the frame where what is written is a selection of it: `df['a']`, `df.a`, `df.loc[rows]`."""
    while isinstance(written, (ast.Subscript, ast.Attribute)):
        inner = _without_locator(written.value)
        if isinstance(inner, ast.Name):
            is_column = isinstance(written, ast.Subscript) or written.attr not in NO_COLUMNS
            if is_column:
                yield node, inner.id
            return
        written = inner
