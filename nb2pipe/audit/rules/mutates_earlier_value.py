"""A cell changes in place an object that another cell has already read.

The earlier output describes something that is gone, and the two cells cannot swap places or run side by side.
"""

import ast
from collections.abc import Iterator

from nb2pipe.analysis.tracing import Change
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells, once, where
from nb2pipe.notebooks.walking import walked

RULE = Rule(
    "NB202",
    "mutates-earlier-value",
    Severity.INFO,
    message="this cell changes `{variable}` in place after cell {reader} has read it",
    hint="change a copy under a new name, or change `{variable}` before it is first read",
)
GOOD = [
    cells("n = [2, 1]", "print(n[0])", "m = sorted(n)", "print(m)"),
    cells("n = {'a': 1}", "print(n)", "n['b'] = 2", "print(n)"),
]
BAD = [
    (
        cells("n = [2, 1]", "print(n[0])", "n.sort()", "print(n)"),
        ["3:1 this cell changes `n` in place after cell 2 has read it"],
    ),
    (
        cells("n = {'a': 1}", "print(n)", "n['a'] = 2", "print(n)"),
        ["3:1 this cell changes `n` in place after cell 2 has read it"],
    ),
]
FITTING = ("method:fit", "method:partial_fit", "method:fit_transform", "method:compile")


def check(view: View) -> Iterator[Finding]:
    """The first such change of each object's name."""
    seen: set[str] = set()
    for change in view.changes:
        name, number = change.through or (change.names[0] if change.names else ""), change.run.cell
        if number and name not in view.graph.cells[number - 1].mutates and len(change.names) == 1:
            name = change.names[0]  # changed in a function, as `self` or under a parameter's name
        if name in seen or name not in view.graph.cells[number - 1].mutates or not _destroys(view, change):
            continue
        readers = _readers_before(view, name, number)
        if readers:
            seen.add(name)
            related = [Spot(one) for one in readers[-3:]]
            yield RULE.at(where(change), variable=name, related=related, reader=readers[-1])


def _destroys(view: View, change: Change) -> bool:
    """Whether what was there before is gone: a new column or key only adds."""
    if change.how in (*FITTING, "iterated") or (change.thing.type or "").startswith(("matplotlib", "plotly")):
        return False
    if change.how == "item" and isinstance(change.key, str):
        return _was_set_before(view, change) or _is_known_key(view, change)
    return not (change.how == "attribute" and change.thing.owner is not None)


def _was_set_before(view: View, change: Change) -> bool:
    """Whether the key was there: from the start, by an earlier change, or because an earlier cell reads it."""
    place = view.place[change.run.cell]
    born = (
        change.thing.sources[0]
        if change.thing.type == "pandas.DataFrame" and change.thing.sources
        else change.thing
    )
    if born.origin == "display" and change.key in born.given:
        return True
    firsts = _first_uses(view)
    keys = [(id(change.thing), change.key), *((name, change.key) for name in change.names)]
    return any(firsts.get(key, place) < place for key in keys)


@once
def _first_uses(view: View) -> dict[tuple[object, object], int]:
    """Where each key of an object is first set, and each key of a name first read."""
    found: dict[tuple[object, object], int] = {}
    for change in view.changes:
        if isinstance(change.key, str):
            _note(found, (id(change.thing), change.key), view.place[change.run.cell])
    for use in view.trace.uses:  # `d.column`
        column = use.thing.given.get(0)
        if use.run.cell and isinstance(column, str) and use.thing.sources:
            _note(found, (id(use.thing.sources[0]), column), view.place[use.run.cell])
    for cell, node in view.nodes_of(ast.Subscript):
        is_read = isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name)
        if is_read and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            _note(found, (getattr(node.value, "id", ""), node.slice.value), view.place[cell])
    return found


def _note(found: dict[tuple[object, object], int], key: tuple[object, object], place: int) -> None:
    found[key] = min(found.get(key, place), place)


def _is_known_key(view: View, change: Change) -> bool:
    """Whether the text shows the key where the object is made."""
    place = view.place[change.run.cell]
    return any(
        _spells(node, change.key)
        for name in {change.through, *change.names}
        for number, statement in _makers(view).get(name, ())
        if view.place[number] < place
        for node in walked(statement)
    )


@once
def _makers(view: View) -> dict[str, list[tuple[int, ast.stmt]]]:
    """The assignments to each name, with their cells."""
    found: dict[str, list[tuple[int, ast.stmt]]] = {}
    for one in view.facts.statements:
        for name in one.use.binds if isinstance(one.node, ast.Assign) else ():
            found.setdefault(name, []).append((one.cell, one.node))
    return found


def _spells(node: ast.AST, key: object) -> bool:
    """`{'key': ...}`, `dict(key=...)`."""
    if isinstance(node, ast.Dict):
        return any(isinstance(one, ast.Constant) and one.value == key for one in node.keys)
    return (
        isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "dict"
        and any(one.arg == key for one in node.keywords)
    )


def _readers_before(view: View, name: str, number: int) -> list[int]:
    """The cells between the one that bound the name and this one that read it without binding or changing it."""
    found: list[int] = []
    for cell in view.history.get(name, ()):
        if cell.number == number:
            break
        if name in cell.binds:
            found = []
        elif name in cell.reads and name not in cell.mutates:
            found.append(cell.number)
    return found
