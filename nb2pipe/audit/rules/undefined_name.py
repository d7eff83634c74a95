"""A cell reads a name that no cell of the notebook binds.

Its cell was deleted, or it came from another notebook: a clean run stops here with NameError.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, View, cells, read_at

RULE = Rule(
    "NB102",
    "undefined-name",
    Severity.ERROR,
    message="`{variable}` is read here{by}, but no cell binds it",
    hint="bring back the cell that made `{variable}`, or correct the name",
)
GOOD = [cells("x = 1", "print(x)")]
BAD = [
    (cells("print(x)"), ["1:1 `x` is read here, but no cell binds it"]),
    (
        cells("def f():\n    return x", "f()"),
        ["2:1 `x` is read here by `f`, but no cell binds it"],
    ),
    (cells("n = n + 1"), ["1:1 `n` is read here, but no cell binds it"]),
]


def check(view: View) -> Iterator[Finding]:
    """The reads of names that nothing binds."""
    for one in view.names.get(RULE.name, ()):
        spot, text = read_at(one)
        by = f" by `{one.function}`" if text else ""
        yield RULE.at(spot, variable=one.name, related=text, by=by)
