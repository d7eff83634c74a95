"""Something is fitted on the test rows.

The score is not about unseen data, and training and test rows are not on one scale.
"""

from collections.abc import Iterator, Mapping

from nb2pipe.analysis.tracing import Call, Thing
from nb2pipe.audit.leakage import (
    fits,
    fitted_on,
    is_joined,
    is_test_part,
    is_train_part,
    learning_functions,
    manual_sides,
    role_of,
)
from nb2pipe.audit.model import Finding, Rule, Severity, View, cells, where

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
    for call in (*fits(view), *learning_functions(view)):
        rows = fitted_on(call)
        if call.run.cell in seen or rows is None or not _holds_test_rows(view, call, rows, sides):
            continue
        seen.add(call.run.cell)
        yield RULE.at(where(call), method=call.method)


def _holds_test_rows(view: View, call: Call, rows: Thing, sides: Mapping[int, str]) -> bool:
    """Whether the rows are test rows, also in one turn of a loop, or hold them and are learned to be transformed."""
    turns = [one for one in rows.alts or (rows,) if is_test_part(one, sides)]
    if any(not is_train_part(one, sides) for one in turns):
        return True
    is_transformer = call.receiver is None or role_of(view, call.receiver) == "transformer"
    return is_transformer and is_joined(rows, sides)
