"""Every run makes a file longer.

A retry writes its rows twice.
"""

import re
from collections.abc import Iterator

from nb2pipe.audit.commands import commands
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB303",
    "appends-to-file",
    Severity.WARNING,
    message="this cell appends to {path}: each run makes it longer",
    hint="write the whole file with mode 'w', or to a new file for each run",
)
GOOD = [cells("with open('a.log', 'w') as f:\n    f.write('x')")]
BAD = [
    (
        cells("with open('a.log', 'a') as f:\n    f.write('x')"),
        ["1:1 this cell appends to 'a.log': each run makes it longer"],
    )
]
APPENDED = re.compile(r">>\s*(?P<path>[^\s;&|]+)|\btee\s+-a\s+(?P<other>\S+)")
TABLES = ("to_sql", "to_gbq")


def check(view: View) -> Iterator[Finding]:
    """The calls, magics and commands that append."""
    for call, uses in view.file_uses:
        if call.method == "to_hdf" and "mode" not in call.given:
            continue
        if any(use.role == "appends" and use.is_sure for use in uses):
            thing = call.argument(*uses[0].arguments)
            path = thing.const if thing is not None else None
            yield RULE.at(call.place, path=repr(path) if isinstance(path, str) else "a file")
    for name, calls in view.by_name.items():
        if name.endswith(TABLES):
            for call in calls:
                if call.given.get("if_exists") == "append":
                    yield RULE.at(
                        call.place, path=f"the table {call.given.get(0, call.given.get('name', ''))!r}"
                    )
    for cell in view.cells:
        for magic in cell.lifted.magics:
            first = magic.argument.split("\n", 1)[0].split()
            if magic.name in ("writefile", "file") and {"-a", "--append"} & set(first):
                yield RULE.at(Spot(cell.number, magic.line), path=repr(first[-1]))
    for command in commands(view):
        found = APPENDED.search(command.text)
        if found and "/dev/" not in found[0]:
            yield RULE.at(command.spot, path=repr(found["path"] or found["other"]))
