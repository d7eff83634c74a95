"""Data comes from an address when the notebook runs.

Without a network, or with another file there, the run fails or gives another result.
"""

import re
from collections.abc import Iterator

from nb2pipe.analysis.tracing import Call
from nb2pipe.audit.commands import commands
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB307",
    "reads-from-network",
    Severity.WARNING,
    message="{what} reads from the network while the notebook runs",
    hint="keep a copy of the data beside the notebook, with its version",
)
GOOD = [cells("import pandas as pd\nd = pd.read_csv('a.csv')")]
BAD = [
    (
        cells("import pandas as pd\nd = pd.read_csv('https://example.org/a.csv')"),
        ["1:2 `pandas.read_csv` reads from the network while the notebook runs"],
    )
]
ADDRESS = re.compile(r"(?:https?|ftp|s3|gs|abfss?|hdfs)://\S")
FETCHED = re.compile(
    r"\b(?:wget|curl|aria2c|kaggle datasets download|kaggle competitions download|git (?:-c \S+ )*clone|gdown|aws s3 cp|gsutil)\s"
)


def check(view: View) -> Iterator[Finding]:
    """The first call or command in each cell that goes to the network."""
    seen: set[int] = set()
    for call in view.trace.calls:
        cell = call.place.cell
        if cell not in seen and _goes_out(view, call):
            seen.add(cell)
            name = call.name if call.name[0] != "." else call.name[1:]
            yield RULE.at(Spot(*call.place), what=f"`{name}`")
    for command in commands(view):
        if command.spot.cell not in seen and FETCHED.search(command.text + " "):
            seen.add(command.spot.cell)
            yield RULE.at(command.spot, what="this command")


def _goes_out(view: View, call: Call) -> bool:
    if view.is_in_network(call):
        return not view.know.platform(call.name)
    if not view.know.accepts_address(call.name):
        return False
    first = call.argument(0, "filepath_or_buffer", "path", "io", "path_or_buf", "url", "fname")
    if first is None:
        return False
    texts = [one.const for one in (first, *first.sources, *first.alts)] + [first.given.get("start")]
    return any(isinstance(text, str) and ADDRESS.match(text) is not None for text in texts)
