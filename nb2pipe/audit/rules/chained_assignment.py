"""A write goes through an intermediate selection (`df['a'][0] = 1`).

In pandas 1 and 2 it reaches the frame by luck, with pandas 3 it no longer does.
"""

from collections.abc import Iterator

from nb2pipe.analysis.tracing import Change, Thing
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB605",
    "chained-assignment",
    Severity.WARNING,
    message="this write goes through a selection of `{variable}`: with pandas 3 it does not reach `{variable}`",
    hint="write in one step: {variable}.loc[rows, column] = value, or {variable}[column] = {variable}[column].method(...)",
)
GOOD = [cells("import pandas as pd\nd = pd.DataFrame({'a': [1]})", "d.loc[0, 'a'] = 2")]
BAD = [
    (
        cells("import pandas as pd\nd = pd.DataFrame({'a': [1]})", "d['a'][0] = 2"),
        ["2:1 this write goes through a selection of `d`: with pandas 3 it does not reach `d`"],
    )
]
FRAME = "pandas.DataFrame"


def check(view: View) -> Iterator[Finding]:
    """The first such write to each frame in a cell."""
    seen: set[tuple[int, str]] = set()
    for change in view.trace.changes:
        if change.through and not change.is_direct and _is_selection(change):
            key = (change.place.cell, change.through)
            if key not in seen:
                seen.add(key)
                yield RULE.at(Spot(*change.place), variable=change.through)


def _is_selection(change: Change) -> bool:
    is_inplace = change.how.startswith("inplace:")
    if change.how not in ("item", "augmented") and not is_inplace:
        return False
    thing = change.thing
    if thing.origin == "located":
        return True
    if thing.origin.endswith((".iloc", ".loc", ".iat", ".at")) and thing.sources:
        thing = thing.sources[0]  # df['a'].iloc[0] = 1
    if thing.origin == "item":
        return _is_frame(thing)
    return (
        thing.type == "pandas.Series"
        and thing.origin.startswith(FRAME + ".")
        and bool(thing.given)
        and _is_frame(thing)
    )


def _is_frame(thing: Thing) -> bool:
    return bool(thing.sources) and thing.sources[0].type == FRAME and thing.type in (FRAME, "pandas.Series")
