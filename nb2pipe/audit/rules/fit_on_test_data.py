"""Something is fitted on the test rows.

The score is not about unseen data, and training and test rows are not on one scale.
"""

from collections.abc import Iterator

from nb2pipe.audit.leakage import fits, fitted_on, is_test_part, is_train_part, manual_sides
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB702",
    "fit-on-test-data",
    Severity.WARNING,
    message="`{method}` learns from the test rows here",
    hint="fit on the training rows and only transform or predict the test rows",
)
SPLIT = "from sklearn.preprocessing import StandardScaler\nfrom sklearn.model_selection import train_test_split\na, b = train_test_split([[1], [2], [3]], random_state=0)"
GOOD = [cells(SPLIT, "b = StandardScaler().fit(a).transform(b)")]
BAD = [
    (
        cells(SPLIT, "b = StandardScaler().fit_transform(b)"),
        ["2:1 `fit_transform` learns from the test rows here"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The fits on rows that come from the test side of a split."""
    seen: set[int] = set()
    sides = manual_sides(view)
    for call in fits(view):
        rows = fitted_on(call)
        if call.run.cell in seen or not is_test_part(rows, sides) or is_train_part(rows, sides):
            continue
        seen.add(call.run.cell)
        place = call.place if call.place.cell == call.run.cell else call.run
        yield RULE.at(Spot(*place), method=call.method)
