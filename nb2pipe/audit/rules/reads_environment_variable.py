"""The result depends on the shell that started the kernel.

The notebook does not say which variables it needs.
"""

from collections.abc import Iterator

from nb2pipe.audit.environment import reads, settings
from nb2pipe.audit.model import Finding, Rule, Severity, View, cells

RULE = Rule(
    "NB306",
    "reads-environment-variable",
    Severity.WARNING,
    message="the environment variable {key} is read here, and the notebook does not set it",
    hint="make it a parameter of the notebook, or say in its text that {key} is needed",
)
GOOD = [cells("b = 'sales'")]
BAD = [
    (
        cells("import os\nb = os.environ['BUCKET']"),
        ["1:2 the environment variable BUCKET is read here, and the notebook does not set it"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The reads of variables that the notebook has not set before."""
    given = [(one.key, one.place) for one in settings(view)]
    seen: set[tuple[int, str]] = set()
    for one in reads(view):
        when = one.run if one.run.cell else one.place
        is_given = any(one.key == other and where <= when for other, where in given)
        if (one.place.cell, one.key) in seen or is_given:
            continue
        seen.add((one.place.cell, one.key))
        yield RULE.at(one.place, key=one.key or "that a variable names")
