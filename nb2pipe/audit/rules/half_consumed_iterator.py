"""An iterator is read in two cells.

The second gets only the rest, and nothing at all when the first is run again.
"""

from collections.abc import Iterator

from nb2pipe.analysis.tracing import Thing
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells, where

RULE = Rule(
    "NB802",
    "half-consumed-iterator",
    Severity.WARNING,
    message="`{variable}` can be read only once, and cell {first} has read of it before",
    hint="make a list of it where it is made",
)
GOOD = [cells("z = list(zip([1], [2]))", "a = list(z)", "b = list(z)")]
BAD = [
    (
        cells("z = zip([1], [2])", "a = list(z)", "b = list(z)"),
        ["3:1 `z` can be read only once, and cell 2 has read of it before"],
    )
]
# Methods of an open file that read on.
READ = ("io.IOBase", "sqlite3.Cursor")
READING = tuple(
    f"method:{name}" for name in "fetchone fetchmany fetchall read readline readlines __next__".split()
)


def check(view: View) -> Iterator[Finding]:
    """The second reading cell of each iterator."""
    first: dict[int, int] = {}
    done: set[int] = set()
    for change in view.trace.changes:
        is_file = change.how in READING and change.thing.type in READ
        if not is_file and change.how not in ("iterated", "argument:next"):
            continue
        if not (change.through or change.names) or not change.run.cell:
            continue
        if change.how == "argument:next" and not _is_iterator(view, change.thing):
            continue
        key = id(change.thing)
        before = first.setdefault(key, change.run.cell)
        if before != change.run.cell and key not in done:
            done.add(key)
            spot = where(change)
            named = change.through in change.names or not change.names
            name = change.through if named else change.names[0]
            yield RULE.at(spot, variable=name, related=[Spot(before)], first=before)


def _is_iterator(view: View, thing: Thing) -> bool:
    return thing.type in ("iterator", "generator") or (
        bool(thing.origin) and view.know.is_iterator(thing.origin, thing.given)
    )
