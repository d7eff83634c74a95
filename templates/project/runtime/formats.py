"""Frames and arrays in files that other programs open: parquet and npy.

Beside such a file lies a pickle with what the file cannot hold: labels, the layout in
memory, columns that would come back as others. It names the rest by its place in the
file. What does not come back exactly as it was is pickled whole.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import arrays

_CELLS = "biufMm"  # kinds of numbers, and of moments, that a column of parquet may hold
_WHOLE = None  # the axis of an array that is one column


class File:
    """A file for one value, and the arrays of the value that it holds exactly."""

    def __init__(self, name: str, value: Any, suffix: str) -> None:
        self.name, self.value, self.suffix = name, value, suffix
        self.parts: list[tuple[Any, Any]] = []  # arrays as the value has them, places


class Covers:
    """The arrays of a group of values that lie in files beside its pickle."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        first = {id(value): name for name, value in reversed(list(values.items()))}
        found = [_file_of(name, values[name]) for name in sorted(first.values())]
        self.files = [one for one in found if one and _parts_of(one.value)]
        self._places: dict[int, Any] = {}  # by the identity of what is pickled
        self._copies: dict[int, Any] = {}  # by that of what is copied before
        self._kept: list[Any] = []  # so that no identity is used twice

    def find(self) -> None:
        """Find out which arrays the files can hold, each once."""
        known: set[int] = set()
        for number, file in enumerate(self.files):
            parts = _parts_of(file.value)
            new = [one for one in parts if id(one[1]) not in known]
            for part, under, place, is_copied in new:
                known.add(id(under))
                file.parts.append((part, place))
                places = self._copies if is_copied else self._places
                places[id(under)] = (number, *place)

    def copied(self, original: Any, copy: Any) -> None:
        """What is pickled in the place of a block's array."""
        place = self._copies.get(id(_plain(original)))
        if place is not None:
            self._kept.append(copy)
            self._places[id(_plain(copy))] = place

    def named(self, array: Any) -> Any:
        """How the pickle names an array that is not in it; None for others."""
        place = self._places.get(id(array))
        if place is None:
            return None
        axes = tuple(arrays.axes_of(array))
        shape = array.transpose(axes).shape
        how = array.dtype.str, shape, axes, array.flags.writeable
        return ("elsewhere", *place, *how)


def _file_of(name: str, value: Any) -> File | None:
    """The file for a value; None where no format fits."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is not None and type(value) is getattr(numpy, "ndarray", None):
        return File(name, value, ".npy") if _is_simple(numpy, value) else None
    if pandas is None or "pyarrow" not in sys.modules:
        return None
    is_fit = type(value) is pandas.Series
    if type(value) is pandas.DataFrame:
        labels = list(value.columns)
        is_named = all(type(label) is str for label in labels)
        is_fit = is_named and len(set(labels)) == len(labels) > 0
    return File(name, value, ".parquet") if is_fit else None


def _is_simple(numpy: Any, array: Any) -> bool:
    """Whether a file of numpy holds it, and its type has a short name that says all."""
    dtype = array.dtype
    is_own = array.base is None and array.flags.owndata and array.ndim > 0
    is_told = dtype == numpy.dtype(dtype.str) and not (dtype.metadata or dtype.names)
    return bool(is_own and is_told and not dtype.hasobject)


def _parts_of(value: Any) -> list[Any]:
    """(array, the memory that is pickled for it, where it lies, whether it is copied)."""
    numpy = sys.modules["numpy"]
    if isinstance(value, numpy.ndarray):
        return [(value, value, ((), _WHOLE, (), value.dtype.str), False)]
    is_copied = arrays.copies_on_write()
    found = []
    for block in value._mgr.blocks:
        part = _plain(block.values)
        if type(part) is not numpy.ndarray or block.values.dtype != part.dtype:
            continue
        axis, under = (0 if part.ndim > 1 else _WHOLE), part
        if not is_copied:
            axis, under = _memory(part)
        nulls = _nulls(numpy, part)
        if under is not None and nulls is not None:
            columns = tuple(block.mgr_locs.as_array.tolist()) if part.ndim > 1 else (0,)
            place = columns, axis, nulls, part.dtype.str
            found.append((part, under, place, is_copied))
    return found


def _plain(values: Any) -> Any:
    """The array itself; that of moments lies in another."""
    return getattr(values, "_ndarray", values)


def _memory(part: Any) -> tuple[Any, Any]:
    """The axis of the columns in the memory of an array, and that memory, if it has no more."""
    root = arrays.memory(part)
    if type(root) is not type(part) or root.base is not None or not root.flags.owndata:
        return _WHOLE, None
    if root.itemsize != part.itemsize or root.size != part.size:
        return _WHOLE, None
    if root.ndim == 1 and (part.ndim == 1 or len(part) == 1):
        return _WHOLE, root if root.strides[0] == part.strides[-1] else None
    for axis, turned in ((0, root), (1, root.T)):
        if (turned.shape, turned.strides) == (part.shape, part.strides):
            return axis, root
    return _WHOLE, None


def _nulls(numpy: Any, part: Any) -> tuple[str, ...] | None:
    """What each column has where nothing is; None where parquet would change a cell."""
    rows = part if part.ndim > 1 else [part]
    if part.dtype.kind in _CELLS:
        return ("",) * len(rows)
    if part.dtype != object:
        return None
    found = [_null(numpy, row) for row in rows]
    return None if None in found else tuple(str(one) for one in found)


def _null(numpy: Any, row: Any) -> str | None:
    cells = [cell for cell in row if type(cell) is not str]
    for name, null in (("none", None), ("nan", numpy.nan)):
        if all(cell is null for cell in cells):
            return name
    return None


# -- files -----------------------------------------------------------------------------


def write(file: File, path: Path) -> None:
    """Write the file; an exception where the format does not know such a value."""
    import numpy

    if file.suffix == ".npy":
        numpy.save(path, file.value, allow_pickle=False)
        return
    import pyarrow
    from pyarrow import parquet

    frame = file.value
    if not hasattr(frame, "columns"):
        frame = frame.to_frame(frame.name if type(frame.name) is str else "values")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = pyarrow.Table.from_pandas(frame, nthreads=1)
    for part, (columns, *_) in _parts_of_numbers(file):
        for row, column in enumerate(columns):  # no number is not what is missing
            cells = numpy.ascontiguousarray(part[row] if part.ndim > 1 else part)
            exact = pyarrow.array(cells, from_pandas=False)
            table = table.set_column(column, table.field(column), exact)
    parquet.write_table(table, path)


def _parts_of_numbers(file: File) -> list[tuple[Any, Any]]:
    return [
        (part, place[:3])
        for part, _, place, _ in _parts_of(file.value)
        if part.dtype.kind == "f"
    ]


class Reader:
    """Makes the arrays anew that lie in files."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths
        self._tables: dict[int, Any] = {}

    def array(self, named: Any) -> Any:
        """The array that `Covers.named` named so."""
        import numpy

        number, columns, axis, nulls, cells, dtype, shape, axes, writeable = named[1:]
        made = arrays.turned(numpy.empty(shape, dtype), axes)
        if not columns:
            made[...] = numpy.load(self.paths[number], allow_pickle=False)
        for row, column in enumerate(columns):
            part = made if axis is _WHOLE else made.T[row] if axis else made[row]
            found = self._column(number, column, nulls[row], cells)
            part[...] = found.view(dtype) if cells != "|O" else found
        made.flags.writeable = writeable
        return made

    def _column(self, number: int, place: int, null: str, dtype: str) -> Any:
        import numpy

        if number not in self._tables:
            from pyarrow import parquet

            whole = parquet.ParquetFile(self.paths[number])
            self._tables[number] = whole.read(use_threads=False)
        column = self._tables[number].column(place)
        if null:
            known = None if null == "none" else numpy.nan
            cells = column.to_pylist()
            return [known if cell is None else cell for cell in cells]
        return column.to_numpy().astype(dtype, copy=False)


def check(covers: Covers, again: Covers) -> None:
    """ValueError where an array is not what it was."""
    pairs = zip(_arrays(covers), _arrays(again))
    if len(_arrays(covers)) != len(_arrays(again)):
        raise ValueError("other arrays")
    if not all(_is_same(one, other) for one, other in pairs):
        raise ValueError("other values")


def _arrays(covers: Covers) -> list[Any]:
    return [part for file in covers.files for part, _ in file.parts]


def _is_same(one: Any, other: Any) -> bool:
    if (one.dtype, one.shape) != (other.dtype, other.shape):
        return False
    if one.dtype != object:
        return bool(one.tobytes() == other.tobytes())
    pairs = zip(one.reshape(-1), other.reshape(-1))
    return all(a is b or (type(b) is str and a == b) for a, b in pairs)
