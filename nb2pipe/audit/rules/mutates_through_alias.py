"""Two names hold one object, and it is changed under one name while the other is read.

Copying between processes, or a newer pandas, silently separates them, and the other name keeps the old content.
"""

import ast
from collections.abc import Iterator

from nb2pipe.analysis.tracing import Change
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells, where
from nb2pipe.notebooks.walking import walked

RULE = Rule(
    "NB203",
    "mutates-through-alias",
    Severity.WARNING,
    message="changing `{variable}` here also changes `{other}`, which cell {reader} reads",
    hint="take a copy where the second name is made, or use one name",
)
GOOD = [cells("a = [1]\nb = a.copy()", "b.append(2)", "print(a, b)")]
BAD = [
    (
        cells("a = [1]\nb = a", "b.append(2)", "print(a)"),
        ["2:1 changing `b` here also changes `a`, which cell 3 reads"],
    )
]
HARMLESS = (
    "iterated",
    "method:fit",
    "method:fit_transform",
    "method:partial_fit",
    "method:compile",
    "argument:next",
)
DRAWN = ("matplotlib", "plotly", "io.", "torch.optim", "keras", "torch.nn")


def check(view: View) -> Iterator[Finding]:
    """One finding for each cell and pair of names."""
    seen: set[tuple[int, str]] = set()
    for change in view.changes:
        through, number = change.through, change.run.cell
        if not through or len(change.names) < 2 or through not in change.names or not _matters(change):
            continue
        local = _loop_names(view, number)
        for other in change.names:
            if other == through or other in local or (number, through) in seen:
                continue
            reader = _reader_after(view, other, number, change.run.line)
            if reader and not (through in local and _is_made_here(view, through, number)):
                seen.add((number, through))
                spot = where(change)
                yield RULE.at(spot, variable=through, related=[Spot(reader)], other=other, reader=reader)


def _matters(change: Change) -> bool:
    if change.how in HARMLESS or change.certainty == "possible":
        return False
    return not (change.thing.type or "").startswith(DRAWN)


def _loop_names(view: View, number: int) -> set[str]:
    """The names that loops of a cell bind."""
    return {
        leaf.id
        for statement in view.cell(number).statements
        for node in walked(statement.node)
        if isinstance(node, (ast.For, ast.AsyncFor))
        for leaf in ast.walk(node.target)
        if isinstance(leaf, ast.Name)
    }


def _is_made_here(view: View, name: str, number: int) -> bool:
    """Whether a loop goes over names that stand in its own line: then everybody sees what is changed."""
    for statement in view.cell(number).statements:
        for node in walked(statement.node):
            if isinstance(node, (ast.For, ast.AsyncFor)) and any(
                isinstance(leaf, ast.Name) and leaf.id == name for leaf in ast.walk(node.target)
            ):
                return isinstance(node.iter, (ast.List, ast.Tuple, ast.Call))
    return False


def _reader_after(view: View, name: str, number: int, line: int) -> int:
    """The next cell that reads the name as it is then; 0: none."""
    later = [one for one in view.cell(number).statements if one.first > line and name in one.use.reads]
    if later:
        return number
    for cell in view.history.get(name, ()):
        if view.place[cell.number] > view.place[number]:
            if name in cell.reads:
                return cell.number
            if name in cell.binds:
                return 0
    return 0
