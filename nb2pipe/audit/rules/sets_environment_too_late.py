"""An environment variable is set after it was read.

The code that read it, or the library that reads it when it is imported, has the old value: the setting has no effect.
"""

from collections.abc import Iterator

from nb2pipe.audit.environment import imported_before, reads_of, settings
from nb2pipe.audit.model import Finding, Rule, Severity, View, cells

RULE = Rule(
    "NB305",
    "sets-environment-too-late",
    Severity.ERROR,
    message="{key} is set here, but {reader} has read it before, in cell {cell}",
    hint="set {key} in the first cell, before it is read",
)
GOOD = [
    cells("import os\nos.environ['M'] = '1'", "m = os.environ.get('M')"),
    cells("import os\ndef f():\n    return os.environ['M']", "os.environ['M'] = '1'", "f()"),
]
BAD = [
    (
        cells("import os\nm = os.environ.get('M')", "os.environ['M'] = '1'"),
        ["2:1 M is set here, but the notebook has read it before, in cell 1"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The settings that come after a read, or after the import of a library that reads the variable."""
    seen: set[str] = set()
    for one in settings(view):
        if one.key in seen or one.is_guarded:
            continue
        seen.add(one.key)
        earlier = [
            read.run
            for read in reads_of(view, one.key)
            if view.place[read.run.cell] <= view.place[one.place.cell]
        ]
        earlier = [read for read in earlier if read.cell != one.place.cell or read < one.place]
        if earlier:
            yield RULE.at(
                one.place, related=earlier[:1], key=one.key, reader="the notebook", cell=earlier[0].cell
            )
            continue
        library, place = imported_before(view, one)
        if library:
            yield RULE.at(
                one.place, related=[place], key=one.key, reader=f"importing {library}", cell=place.cell
            )
