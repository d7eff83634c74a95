"""The run waits for a person.

Without one it fails or hangs.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells, where

RULE = Rule(
    "NB805",
    "waits-for-input",
    Severity.ERROR,
    message="`{what}` waits for a person",
    hint="make the value a parameter of the notebook",
)
GOOD = [cells("n = 3")]
BAD = [(cells("n = input()"), ["1:1 `input` waits for a person"])]


def check(view: View) -> Iterator[Finding]:
    """The first such call of each cell that surely runs."""
    seen: set[int] = set()
    for call in view.calls:
        if call.run.cell in seen or call.is_guarded or not view.know.waits_for_input(call.name, call.given):
            continue
        if view.know.platform(call.name):
            continue  # said once, as code of a platform
        seen.add(call.run.cell)
        yield RULE.at(where(call), what=call.name)
    for cell in view.cells:
        for use in cell.lifted.magics:
            if use.kind in ("line", "cell") and use.name == "debug" and cell.number not in seen:
                yield RULE.at(Spot(cell.number, use.line), what=f"%{use.name}")
