"""A password or key was printed and saved.

Removing it from the source leaves it in the file.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.audit.saved import texts
from nb2pipe.audit.secrets import settings_in, shapes_in

RULE = Rule(
    "NB902",
    "secret-in-output",
    Severity.ERROR,
    message="{what} stands in the saved output of this cell",
    hint="withdraw it, do not print it, and clear the output",
)
GOOD = [cells("print(1)", out={1: "1\n"})]
BAD = [
    (
        cells("print(open('cfg').read())", out={1: "token: ghp_" + "FaKe" * 9 + "\n"}),
        ["1:1 a GitHub token stands in the saved output of this cell"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The first secret in the outputs of each cell."""
    for cell in view.cells:
        found = next(
            (what for text in texts(cell) for kind in (shapes_in, settings_in) for _, what in kind(text)),
            None,
        )
        if found:
            yield RULE.at(Spot(cell.number), what=found)
