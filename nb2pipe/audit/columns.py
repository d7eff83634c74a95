"""Columns of frames: which column a target is, and whether features still hold it."""

from nb2pipe.analysis.tracing import Thing

from .model import View

# They keep the columns of their receiver.
SAME_COLUMNS = frozenset(
    "copy fillna dropna astype reset_index head tail sample sort_values drop_duplicates values to_numpy round replace interpolate"
    " ffill bfill shift query sort_index get_dummies to_pandas assign".split()
)
SAME_VALUES = SAME_COLUMNS | frozenset(
    "ravel reshape flatten map apply tolist squeeze to_frame cat codes array asarray".split()
)
NO_FRAME: tuple[Thing | None, object] = (None, ...)


def column_of(target: Thing) -> tuple[Thing | None, object]:
    """The frame and the column that a target is: its name, or its number."""
    one = target
    for _ in range(8):
        last = one.origin.rpartition(".")[2]
        if one.origin in ("item", "located") and isinstance(number_in(one), int):
            return _whole(one.sources[0]), number_in(one)
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


def _whole(frame: Thing) -> Thing:
    """The frame whose columns these are: `d` for `d.values`, `d.fillna(0)`."""
    while frame.origin.rpartition(".")[2] in SAME_COLUMNS and frame.sources:
        frame = frame.sources[0]
    return frame


def number_in(thing: Thing) -> object:
    """The columns that `d.iloc[:, key]` or `d.values[:, key]` takes: a number or a slice, else `...`."""
    key = thing.sources[1] if len(thing.sources) > 1 else None
    column = (key.keyed or {}).get(1) if key is not None else None
    return ... if column is None or isinstance(column.const, bool) else column.const


def keeps_column(view: View, features: Thing, frame: Thing, column: str | int) -> bool:
    """Whether the features surely still hold this column of the frame."""
    one: Thing | None = features
    for _ in range(12):
        if one is None or _loses(view, one, column):
            return False
        if one is frame:
            return True
        one = _before(one, frame, column)
    return False


def _before(one: Thing, frame: Thing, column: str | int) -> Thing | None:
    """What these features were taken from, where the column was not left out on the way."""
    last = one.origin.rpartition(".")[2]
    if not one.sources:
        return None
    source = one.sources[0]
    if last in ("located", "select"):
        taken = number_in(one) if last == "located" else one.given.get(0)
        is_kept = _is_in_slice(taken, column) or (isinstance(taken, list) and column in taken)
    elif last == "item":
        key = one.given.get(0)
        is_kept = column in key and source is frame if isinstance(key, list) else _takes_all(one)
    elif last == "drop":
        is_kept = isinstance(column, str) and not _names_column(one, column)
    else:
        is_kept = last in SAME_COLUMNS and one.kind == "value"
    return source if is_kept else None


def _is_in_slice(taken: object, column: str | int) -> bool:
    """Whether `:` or `0:5` takes the column."""
    if not isinstance(taken, slice) or taken.step is not None:
        return False
    low, high = taken.start or 0, taken.stop
    if taken == slice(None):
        return True
    numbers = [one for one in (low, column, high) if isinstance(one, int) and one >= 0]
    return len(numbers) == 3 and numbers[0] <= numbers[1] < numbers[2]


def _takes_all(one: Thing) -> bool:
    """Whether an item has all columns: `d[d.a > 1]`, `d[:100]`, `d[d.columns]`."""
    key = one.sources[1] if len(one.sources) > 1 else None
    if key is None:
        return False
    is_of_columns = key.origin.endswith(".columns") and key.sources[:1] == one.sources[:1]
    return is_of_columns or key.type == "slice" or key.origin in ("comparison", "operator")


def _names_column(dropped: Thing, column: str | int) -> bool:
    """Whether a `drop` takes the column away, or may."""
    given = dropped.given
    named = [given[key] for key in (0, "columns", "labels") if key in given]
    for value in named:
        if value is ... or value == column or (isinstance(value, (list, tuple)) and column in value):
            return True
    return not named


def _loses(view: View, frame: Thing, column: str | int) -> bool:
    """Whether the column is taken out of the frame in place."""
    return any(
        (change.how in ("del", "method:pop") and change.key in (column, ...))
        or (
            (change.how.startswith("inplace:drop") or change.how == "attribute")
            and change.key not in (0, "index")
        )
        for change in view.changes_of.get(id(frame), ())
    )
