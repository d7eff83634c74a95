"""A cell reads a file that only a later cell writes.

On a new machine it fails; elsewhere it reads the file of the last run.
"""

from collections.abc import Iterator

from nb2pipe.audit.files import derives, file_events
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB301",
    "reads-file-written-later",
    Severity.ERROR,
    message="this cell reads {path}, which is only written in cell {writer}",
    hint="move cell {writer} above this cell",
)
GOOD = [cells("open('a.txt', 'w').write('x')", "t = open('a.txt').read()")]
BAD = [
    (
        cells("t = open('a.txt').read()", "open('a.txt', 'w').write('x')"),
        ["1:1 this cell reads 'a.txt', which is only written in cell 2"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The reads of files that are written only later."""
    events = file_events(view)
    seen: set[str] = set()
    for place, one in enumerate(events):
        if one.role != "reads" or one.path in seen or one.call.is_guarded or one.path in view.files:
            continue
        seen.add(one.path)
        if any(other.path == one.path and other.role != "lists" for other in events[:place]):
            continue
        later = [
            other
            for other in events[place + 1 :]
            if other.path == one.path and other.role in ("writes", "appends")
        ]
        if later and later[0].call.run.cell > one.call.run.cell and not derives(view, later[0], one):
            writer = later[0].call.run
            yield RULE.at(Spot(*one.spot), related=[writer], path=repr(one.path), writer=writer.cell)
