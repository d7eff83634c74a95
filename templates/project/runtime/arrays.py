"""numpy arrays on disk: views go on sharing memory, flags and layout stay."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

# Memory that belongs to one of these is shared with more than arrays.
_FOREIGN = "mmap", "torch", "tensorflow", "cupy", "multiprocessing", "jax"


def memory(value: Any) -> Any:
    """The array that an array is a view of; other values are their own."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, getattr(numpy, "ndarray", ())):
        return _root(numpy, value)
    return value


def _root(numpy: Any, array: Any) -> Any:
    root, base = array, array.base
    while base is not None:
        if isinstance(base, numpy.ndarray):
            root = base
        elif type(base).__name__ != "DummyArray":  # as_strided() puts it between
            break
        base = base.base
    return root


def reduced(
    value: Any, plain: dict[int, Any], copied: Callable[[Any, Any], None]
) -> Any:
    """How pickle takes a value apart; NotImplemented for what it may do itself.

    `plain` keeps arrays that stand for the memory of others, by identity; `copied` is
    told of values that are written in the place of others.
    """
    kind = type(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, getattr(numpy, "ndarray", ())):
        return _reduced_array(numpy, kind, value, plain)
    if kind.__module__.startswith("pandas.") and hasattr(value, "mgr_locs"):
        return _block(value, copied)
    if kind.__module__ == "matplotlib.figure" and kind.__name__ == "Figure":
        return _figure(value)
    return NotImplemented


def _reduced_array(numpy: Any, kind: type, array: Any, plain: dict[int, Any]) -> Any:
    if isinstance(array, numpy.memmap):
        raise ValueError("an array that is mapped to a file")  # noqa: TRY004
    if kind is numpy.ndarray:
        return _plain(numpy, array, plain)
    if kind.__module__.partition(".")[0] != "numpy":
        return NotImplemented
    state = dict(vars(array)) if hasattr(array, "__dict__") else {}
    under = array.view(numpy.ndarray)
    if _root(numpy, array) is array:
        under = plain.setdefault(id(array), under)
    return _make_subclass, (under, kind, array.dtype), state, None, None, _set_state


def _plain(numpy: Any, array: Any, plain: dict[int, Any]) -> Any:
    root = _root(numpy, array)
    if type(root) is not numpy.ndarray:
        root = plain.setdefault(id(root), root.view(numpy.ndarray))
    if root.base is not None:
        _refuse_foreign(root)
    if root is array:
        return _owner(array)
    copied = root.copy(order="K")
    if _steps(copied) != _steps(root):
        raise ValueError("a view of memory that numpy does not own")
    start = _address(array) - _address(root)
    how = (start, array.dtype, array.shape, array.strides, array.flags.writeable)
    return _make_view, (root, *how)


def _steps(array: Any) -> list[int]:
    """The strides that matter: along an axis of one nobody steps."""
    axes = zip(array.shape, array.strides)
    return [stride for size, stride in axes if size > 1] if array.size else []


def _refuse_foreign(array: Any) -> None:
    while array is not None:
        if type(array).__module__.partition(".")[0] in _FOREIGN:
            raise ValueError("an array that shares memory with something else")
        if type(array).__name__ == "memmap":
            raise ValueError("an array that is mapped to a file")
        array = getattr(array, "base", None)


def _address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def _owner(array: Any) -> Any:
    """An array that owns its memory, whatever the order of its axes."""
    if array.dtype.hasobject and array.dtype != object:
        return NotImplemented
    axes = axes_of(array)
    straight = array.transpose(axes)
    writeable = array.flags.writeable
    if array.dtype == object:
        state = list(straight.reshape(-1)), writeable
        made = _make_objects, (straight.shape, axes)
        return (*made, state, None, None, _set_objects)
    content = straight.tobytes()
    return _make_array, (content, array.dtype, straight.shape, axes, writeable)


def axes_of(array: Any) -> list[int]:
    """The axes from the slowest to the fastest in memory."""
    axes = list(range(array.ndim))
    if array.flags.c_contiguous:
        return axes
    return sorted(axes, key=lambda axis: -abs(array.strides[axis]))


def _make_array(
    content: bytes, dtype: Any, shape: Any, axes: Any, writeable: bool
) -> Any:
    import numpy

    straight = numpy.empty(shape, dtype)
    if straight.size and straight.itemsize:
        target = straight.reshape(-1).view(numpy.uint8)
        target[:] = numpy.frombuffer(content, numpy.uint8)
    array = turned(straight, axes)
    array.flags.writeable = writeable
    return array


def turned(straight: Any, axes: Any) -> Any:
    """A new array with its axes in this order in memory."""
    if list(axes) == sorted(axes):
        return straight
    places = sorted(range(len(axes)), key=axes.__getitem__)
    return straight.transpose(places).copy(order="K")


def _make_objects(shape: Any, axes: Any) -> Any:
    import numpy

    return turned(numpy.empty(shape, object), axes)


def _set_objects(array: Any, state: Any) -> None:
    cells, writeable = state
    flat = array.transpose(axes_of(array)).reshape(-1)
    for place, cell in enumerate(cells):
        flat[place] = cell
    array.flags.writeable = writeable


def _make_view(
    root: Any, start: int, dtype: Any, shape: Any, strides: Any, writeable: bool
) -> Any:
    import numpy

    is_fixed = writeable and not root.flags.writeable
    if is_fixed:  # the view was made before
        root.flags.writeable = True
    flat = root.ravel(order="K")
    if not numpy.shares_memory(flat, root) and root.size:
        raise ValueError("an array whose memory has holes")
    if dtype.hasobject:
        part = flat[start // dtype.itemsize :]
        view = numpy.lib.stride_tricks.as_strided(part, shape, strides)
    elif not root.size or not root.itemsize:
        view = numpy.ndarray(shape, dtype)
    else:
        view = numpy.ndarray(shape, dtype, flat.view(numpy.uint8), start, strides)
    if view.flags.writeable != writeable:
        view.flags.writeable = writeable
    if is_fixed:
        root.flags.writeable = False
    return view


def _make_subclass(plain: Any, kind: type, dtype: Any) -> Any:
    made = plain.view(kind)
    if made.dtype != dtype:
        made.dtype = dtype
    return made


def _set_state(array: Any, state: Any) -> None:
    if state:
        vars(array).update(state)


def copies_on_write() -> bool:
    """Whether frames of pandas share memory until one of them is changed."""
    pandas = sys.modules["pandas"]
    if int(pandas.__version__.partition(".")[0]) >= 3:
        return True
    try:
        return pandas.get_option("mode.copy_on_write") is True
    except KeyError:
        return False


def _block(block: Any, copied: Callable[[Any, Any], None]) -> Any:
    """Where pandas copies on write, blocks that share memory go apart at once."""
    if not copies_on_write():
        return NotImplemented
    parts = block.__reduce__()
    alone = parts[1][0].copy()
    copied(parts[1][0], alone)
    return (parts[0], (alone, *parts[1][1:]), *parts[2:])


def _figure(figure: Any) -> Any:
    """A figure without its number: the registry of open figures is kept apart."""
    parts = list(figure.__reduce_ex__(4))
    if isinstance(parts[2], dict):
        parts[2] = {**parts[2]}
        parts[2].pop("_restore_to_pylab", None)
    return tuple(parts)
