"""The environment changes while the notebook runs, unpinned.

In production there is often nothing to install from, and what is installed differs from day to day.
"""

from collections.abc import Iterator

from nb2pipe.audit.commands import INSTALLER, commands
from nb2pipe.audit.model import Finding, Rule, Severity, View, cells

RULE = Rule(
    "NB501",
    "installs-package",
    Severity.WARNING,
    message="packages are installed while the notebook runs",
    hint="put them into requirements.txt with their versions",
)
GOOD = [cells("import pandas")]
BAD = [
    (cells("%pip install pandas", "import pandas"), ["1:1 packages are installed while the notebook runs"])
]


def check(view: View) -> Iterator[Finding]:
    """The first installing command of each cell."""
    seen: set[int] = set()
    for command in commands(view):
        if command.spot.cell not in seen and INSTALLER.search(command.text):
            seen.add(command.spot.cell)
            yield RULE.at(command.spot)
    for name in ("pip.main", "pip._internal.main"):
        for call in view.by_name.get(name, ()):
            yield RULE.at(call.place)
