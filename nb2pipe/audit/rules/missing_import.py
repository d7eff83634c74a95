"""A library's usual name is used and never imported.

The import was in a cell that is gone: a clean run stops here with NameError.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, View, cells, read_at

RULE = Rule(
    "NB603",
    "missing-import",
    Severity.ERROR,
    message="`{variable}` is used here{by}, but {meant} is never imported",
    hint="add the import of {meant} to the first cell",
)
GOOD = [cells("import numpy as np", "print(np.pi)")]
BAD = [(cells("print(np.pi)"), ["1:1 `np` is used here, but numpy is never imported"])]


def check(view: View) -> Iterator[Finding]:
    """The unbound names that people use for a library."""
    for one in view.names.get(RULE.name, ()):
        spot, text = read_at(one)
        by = f" by `{one.function}`" if text else ""
        meant = view.know.usual_name(one.name)
        yield RULE.at(spot, variable=one.name, related=text, by=by, meant=meant)
