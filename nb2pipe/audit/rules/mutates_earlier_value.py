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
GOOD = [cells("n = [2, 1]", "print(n[0])", "m = sorted(n)", "print(m)")]
BAD = [
    (
        cells("n = [2, 1]", "print(n[0])", "n.sort()", "print(n)"),
        ["3:1 this cell changes `n` in place after cell 2 has read it"],
    )
]
FITTING = ("method:fit", "method:partial_fit", "method:fit_transform", "method:compile")


def check(view: View) -> Iterator[Finding]:
    """The first such change of each object's name."""
    seen: set[str] = set()
    for change in view.changes:
        name, number = change.through or (change.names[0] if change.names else ""), change.run.cell
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
        return _was_set_before(view, change)
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
