"""The notebook writes over a file that it starts from.

The second run starts from other data than the first.
"""

from collections.abc import Iterator

from nb2pipe.audit.files import derives, file_events
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB302",
    "overwrites-input-file",
    Severity.WARNING,
    message="this cell writes over {path}, which cell {reader} reads",
    hint="write to another file",
)
GOOD = [cells("import pandas as pd\nd = pd.read_csv('a.csv')", "d.dropna().to_csv('b.csv')")]
BAD = [
    (
        cells("import pandas as pd\nd = pd.read_csv('a.csv')", "d.dropna().to_csv('a.csv')"),
        ["2:1 this cell writes over 'a.csv', which cell 1 reads"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The writes to files that were read before, and not written before that."""
    events = file_events(view)
    seen: set[str] = set()
    for place, one in enumerate(events):
        if one.role not in ("writes", "appends") or one.path in seen:
            continue
        seen.add(one.path)
        readers = [other for other in events[:place] if other.path == one.path and other.role == "reads"]
        is_same_cell = bool(readers) and readers[0].call.run.cell == one.call.run.cell
        if readers and (derives(view, one, readers[0]) or is_same_cell):
            reader = readers[0].call.run
            yield RULE.at(Spot(*one.spot), related=[reader], path=repr(one.path), reader=reader.cell)
