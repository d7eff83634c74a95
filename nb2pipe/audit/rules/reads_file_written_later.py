"""A cell reads a file that only a later cell writes.

On a new machine it fails; elsewhere it reads the file of the last run.
"""

from collections.abc import Iterator

from nb2pipe.audit.files import FileEvent, derives, file_events
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
    yield from _written_by_magic(view, [one for one in events if one.role == "reads"])


def _written_by_magic(view: View, reads: list[FileEvent]) -> Iterator[Finding]:
    """`open('a.txt')` and `import steps` above the cell that has `%%writefile`."""
    for cell in view.cells:
        for use in cell.lifted.magics:
            words = use.argument.split("\n", 1)[0].split()
            if use.name not in ("writefile", "file") or not words or words[-1] in view.files:
                continue
            path = words[-1].strip("'\"")
            module = path.removesuffix(".py").replace("/", ".")
            spots = [one.spot for one in reads if one.path == path and not one.call.is_guarded]
            spots += [
                one.place
                for one in view.trace.bindings
                if one.kind == "import" and path.endswith(".py") and one.thing.origin.startswith(module)
            ]
            early = min((one for one in spots if one.cell < cell.number), default=None)
            if early is not None and len(_writers(view, path)) == 1:
                yield RULE.at(Spot(*early), related=[Spot(cell.number)], path=repr(path), writer=cell.number)


def _writers(view: View, path: str) -> list[int]:
    return [
        cell.number
        for cell in view.cells
        for use in cell.lifted.magics
        if use.name in ("writefile", "file") and path in use.argument.split("\n", 1)[0]
    ]
