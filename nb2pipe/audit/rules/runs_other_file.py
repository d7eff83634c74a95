"""`%run`, `%load` or `exec` of a file brings names from a text that is not here.

That text may change alone.
"""

from collections.abc import Iterator

from nb2pipe.analysis.tracing import Call, ancestors
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB504",
    "runs-other-file",
    Severity.WARNING,
    message="{what} brings names from a text that is not in this notebook",
    hint="make the other file a module and import what is needed",
)
GOOD = [cells("rows = [1]", "print(rows)")]
BAD = [
    (
        cells("%run other.ipynb", "print(rows)"),
        ["1:1 `%run` brings names from a text that is not in this notebook"],
    )
]
OPENERS = ("open", "io.open", "pathlib.Path.read_text", "requests.get", "urllib.request.urlopen")


def check(view: View) -> Iterator[Finding]:
    """The magics and calls that run a file."""
    for cell in view.cells:
        for use in cell.lifted.magics:
            if use.kind == "line" and use.name in ("run", "load", "loadpy") and use.argument.strip():
                yield RULE.at(Spot(cell.number, use.line), what=f"`%{use.name}`")
    for name in ("exec", "execfile", "runpy.run_path"):
        for call in view.by_name.get(name, ()):
            if name != "exec" or is_of_file(call):
                yield RULE.at(call.place, what=f"`{name}`")


def is_of_file(call: Call) -> bool:
    """Whether what runs was read from a file."""
    return bool(call.args) and any(one.origin in OPENERS for one in ancestors(call.args[0], 40))
