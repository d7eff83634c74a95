"""Every relative path after this cell means something else.

Run twice, it goes one folder too deep.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB304",
    "changes-working-directory",
    Severity.WARNING,
    message="the working directory changes here: every relative path after it means something else",
    hint="keep the folder in a variable and join paths to it",
)
GOOD = [cells("from pathlib import Path\nbase = Path('data')")]
BAD = [
    (
        cells("import os\nos.chdir('data')"),
        ["1:2 the working directory changes here: every relative path after it means something else"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The calls and magics that change it."""
    for name in ("os.chdir", "os.fchdir", "contextlib.chdir"):
        for call in view.by_name.get(name, ()):
            yield RULE.at(call.place)
    for cell in view.cells:
        for use in cell.lifted.magics:
            if (
                use.kind == "line"
                and use.name in ("cd", "pushd", "popd")
                and (use.argument.strip() or use.name != "cd")
            ):
                yield RULE.at(Spot(cell.number, use.line))
