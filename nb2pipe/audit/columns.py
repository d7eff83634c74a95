"""Columns of frames: which column a target is, and whether features still hold it."""

from nb2pipe.analysis.tracing import Thing

from .model import View

# They keep the columns of their receiver.
SAME_COLUMNS = frozenset(
    "copy fillna dropna astype reset_index head tail sample sort_values drop_duplicates values to_numpy round replace interpolate"
    " ffill bfill shift query sort_index".split()
)
SAME_VALUES = SAME_COLUMNS | frozenset(
    "ravel reshape flatten map apply tolist squeeze to_frame cat codes array asarray".split()
)
NO_FRAME: tuple[Thing | None, object] = (None, ...)


def column_of(target: Thing) -> tuple[Thing | None, object]:
    """The frame and the column that a target is."""
    one = target
    for _ in range(8):
        last = one.origin.rpartition(".")[2]
        if one.origin in ("item", "located") or (
            one.type == "pandas.Series" and isinstance(one.given.get(0), str) and one.sources
        ):
            key = one.given.get(0)
            if isinstance(key, (list, tuple)) and len(key) == 1:
                key = key[0]
            if isinstance(key, tuple) and len(key) == 2:
                key = key[1]
            return (one.sources[0], key) if isinstance(key, str) and one.sources else NO_FRAME
        if last in SAME_VALUES and one.sources:
            one = one.sources[0]
        else:
            return NO_FRAME
    return NO_FRAME


def keeps_column(view: View, features: Thing, frame: Thing, column: str) -> bool:
    """Whether the features surely still hold this column of the frame."""
    one = features
    for _ in range(12):
        if _loses(view, one, column):
            return False
        if one is frame:
            return True
        last = one.origin.rpartition(".")[2]
        if not one.sources:
            return False
        if one.origin == "item":
            key = one.given.get(0)
            if isinstance(key, list):
                return column in key and one.sources[0] is frame
            if len(one.sources) > 1 and (
                one.sources[1].type == "slice" or one.sources[1].origin in ("comparison", "operator")
            ):
                one = one.sources[0]
                continue
            return False
        if last == "drop":
            if _names_column(one, column):
                return False
            one = one.sources[0]
        elif last in SAME_COLUMNS and one.kind == "value":
            one = one.sources[0]
        else:
            return False
    return False


def _names_column(dropped: Thing, column: str) -> bool:
    """Whether a `drop` takes the column away, or may."""
    given = dropped.given
    named = [given[key] for key in (0, "columns", "labels") if key in given]
    for value in named:
        if value is ... or value == column or (isinstance(value, (list, tuple)) and column in value):
            return True
    return not named


def _loses(view: View, frame: Thing, column: str) -> bool:
    """Whether the column is taken out of the frame in place."""
    return any(
        change.thing is frame
        and (
            (change.how in ("del", "method:pop") and change.key in (column, ...))
            or (
                (change.how.startswith("inplace:drop") or change.how == "attribute")
                and change.key not in (0, "index")
            )
        )
        for change in view.trace.changes
    )
