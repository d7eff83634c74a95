"""A cell changes in place an object that another cell has already read.

The earlier output describes something that is gone, and the two cells cannot swap places or run side by side.
"""

import ast
from collections.abc import Iterator

from nb2pipe.analysis.tracing import Change
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells, where

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
    if any(
        one.thing is change.thing and one.key == change.key and view.place[one.run.cell] < place
        for one in view.changes
    ):
        return True
    return any(
        isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name)
        and node.value.id in change.names
        and isinstance(node.slice, ast.Constant)
        and node.slice.value == change.key
        and view.place[cell] < place
        for cell, node in view.nodes_of(ast.Subscript)
    )


def _is_known_key(view: View, change: Change) -> bool:
    """Whether the text shows that the key was there: where the object is made, or where an earlier cell reads it."""
    names = {change.through, *change.names}
    for number in view.graph.order.cells[: view.place[change.run.cell]]:
        for one in view.cell(number).statements:
            made = names & one.use.binds.keys() and isinstance(one.node, ast.Assign)
            for node in ast.walk(one.node) if made or names & one.use.reads.keys() else ():
                if made and _spells(node, change.key):
                    return True
                if isinstance(node, ast.Subscript) and _is_read_of(node, names, change.key):
                    return True
    return False


def _spells(node: ast.AST, key: object) -> bool:
    """`{'key': ...}`, `dict(key=...)`."""
    if isinstance(node, ast.Dict):
        return any(isinstance(one, ast.Constant) and one.value == key for one in node.keys)
    return (
        isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "dict"
        and any(one.arg == key for one in node.keywords)
    )


def _is_read_of(node: ast.Subscript, names: set[str], key: object) -> bool:
    return (
        isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name)
        and node.value.id in names
        and isinstance(node.slice, ast.Constant)
        and node.slice.value == key
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
