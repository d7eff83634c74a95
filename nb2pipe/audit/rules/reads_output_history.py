"""`_`, `__`, `_3`, `Out[3]` and `In[2]` depend on which cells ran when.

In a script they do not exist.
"""

import re
from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB502",
    "reads-output-history",
    Severity.WARNING,
    message="`{variable}` is IPython's memory of earlier outputs: it depends on which cells ran when",
    hint="give the earlier result a name",
)
GOOD = [cells("s = 1 + 1", "print(s)")]
BAD = [
    (
        cells("1 + 1", "print(_)"),
        ["2:1 `_` is IPython's memory of earlier outputs: it depends on which cells ran when"],
    )
]
HISTORY = re.compile(r"_{1,3}|_\d+|Out|In|_i{0,3}|_i\d+|_[io]h")


def check(view: View) -> Iterator[Finding]:
    """One finding for each cell and name."""
    for cell in view.cells:
        seen: set[str] = set()
        for use in cell.lifted.magics:
            if use.kind == "history" and use.name not in seen and HISTORY.fullmatch(use.name):
                seen.add(use.name)
                yield RULE.at(Spot(cell.number, use.line), variable=use.name)
