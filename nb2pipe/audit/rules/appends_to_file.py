"""Every run makes a file longer.

A retry writes its rows twice.
"""

import re
from collections.abc import Iterator

from nb2pipe.analysis.tracing import Call, ancestors
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
INSERTED = re.compile(r"\s*insert\s+into\s+[\"'`\[]?(?P<table>[\w.]+)(?!.*\bon\s+conflict\b)", re.DOTALL)
ANEW = re.compile(r"drop\s+table|delete\s+from|truncate|create\s+table(?!\s+if\s+not)|create\s+temp")
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
    yield from _inserts(view)
    for cell in view.cells:
        for magic in cell.lifted.magics:
            first = magic.argument.split("\n", 1)[0].split()
            if magic.name in ("writefile", "file") and {"-a", "--append"} & set(first):
                yield RULE.at(Spot(cell.number, magic.line), path=repr(first[-1]))
    for command in commands(view):
        found = APPENDED.search(command.text)
        if found and "/dev/" not in found[0]:
            yield RULE.at(command.spot, path=repr(found["path"] or found["other"]))


def _inserts(view: View) -> Iterator[Finding]:
    """`insert into t` in a database that is kept, and whose tables nobody makes anew."""
    calls = [call for call in view.trace.calls if call.method in ("execute", "executemany", "executescript")]
    texts = [(call, text.lower()) for call in calls for text in [_statement(call)]]
    if any(ANEW.search(text) for _, text in texts):
        return
    for call, text in texts:
        found = INSERTED.match(text)
        if found and not any(
            one.origin == "sqlite3.connect" and one.given.get(0, one.given.get("database")) == ":memory:"
            for one in ancestors(call.receiver or call.result, 20)
        ):
            yield RULE.at(call.place, path=f"the table {found['table']!r}")


def _statement(call: Call) -> str:
    first = call.argument(0, "sql", "statement", "operation", "query")
    texts = [one.const for one in ancestors(first, 6)] if first is not None else []
    return next((text for text in texts if isinstance(text, str)), "")
