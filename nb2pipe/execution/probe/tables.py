"""Arrays, frames and tensors: hashed in place, block by block, without filling their caches."""

from __future__ import annotations

import sys
from typing import Any

from .hashing import array_digest, digest

_CHUNK = 1 << 16
_BLOCKS = 32  # of a column, so that a difference can be told by its rows
_BLOCKS_OF_ALL = 2048  # of a frame: a wide one is looked at in fewer


def content(walker: Any, value: Any, kind: type) -> str | None:
    """The digest of a numpy, pandas, torch or keras value; None for anything else."""
    for root, reader in _READERS.items():
        library = sys.modules.get(root)
        if library is not None:
            found = reader(walker, value, library)
            if found is not None:
                if walker.is_own(kind.__module__):
                    found = digest(found, walker.attributes(value))
                return str(found)
    return None


def _numpy(walker: Any, value: Any, np: Any) -> str | None:
    ndarray, generic = getattr(np, "ndarray", None), getattr(np, "generic", None)
    if ndarray is None or generic is None:
        return None  # being imported
    if isinstance(value, ndarray):
        plain = ndarray.view(value, ndarray)
        parts = [type(value).__name__, walker.array(plain), value.flags.writeable]
        if id(plain) in walker.seen:  # the view ends here, and another object may get its identity
            walker.seen[id(value)] = walker.seen.pop(id(plain))
        mask = getattr(value, "_mask", None)
        if type(value).__name__ == "MaskedArray":
            parts += [walker.walk(mask), walker.walk(getattr(value, "_fill_value", None))]
        return digest(*parts)
    if isinstance(value, generic):
        data = walker.walk(value.item()) if value.dtype.hasobject else value.tobytes()
        return digest(type(value).__name__, repr(value.dtype), data)
    if isinstance(value, np.dtype):
        return digest("dtype", repr(value))
    return None


def _pandas(walker: Any, value: Any, pd: Any) -> str | None:
    if not hasattr(pd, "DataFrame") or not hasattr(pd, "Index"):
        return None  # being imported
    if isinstance(value, pd.DataFrame):
        columns = [blocks(walker, values, value.shape[1]) for values in columns_of(value)]
        walker.seen[id(value)] = columns
        parts = [walker.walk(value.index), walker.walk(value.columns), *(one[0] for one in columns)]
        return digest(type(value).__name__, value.shape, *parts, *_extras(walker, value))
    if isinstance(value, pd.Series):
        walker.seen[id(value)] = [blocks(walker, value._values)]
        parts = [walker.walk(value.name), walker.walk(value.index), walker.seen[id(value)][0][0]]
        return digest(type(value).__name__, *parts, *_extras(walker, value))
    if isinstance(value, pd.Index):
        return _index(walker, value, pd)
    if type(value).__module__ == "pandas.io.formats.style":  # its tables have a random identity
        return digest(
            type(value).__name__,
            walker.walk({name: one for name, one in vars(value).items() if name != "uuid"}),
        )
    if type(value).__name__ == "BlockValuesRefs":  # who shares memory is no part of a value
        return digest(type(value).__name__)
    if isinstance(value, pd.api.extensions.ExtensionArray):
        return digest(type(value).__name__, column(walker, value))
    if isinstance(value, pd.CategoricalDtype):
        return digest("category", walker.walk(value.categories), value.ordered)
    if isinstance(value, pd.api.extensions.ExtensionDtype):
        return digest("dtype", repr(value))
    return None


def columns_of(frame: Any) -> Any:
    """Each column's values as they are stored, without making Series of them."""
    stored = getattr(frame, "_get_column_array", None)
    for place in range(frame.shape[1]):
        yield stored(place) if stored is not None else frame.iloc[:, place]._values


def _extras(walker: Any, value: Any) -> list[str]:
    own = [walker.walk(getattr(value, name, None)) for name in value._metadata if name != "_name"]
    return [walker.walk(dict(value.attrs)), str(value.flags.allows_duplicate_labels), *own]


def _index(walker: Any, value: Any, pd: Any) -> str:
    names = walker.walk(list(value.names))
    kind = type(value).__name__
    if isinstance(value, pd.RangeIndex):
        return digest(kind, names, value.start, value.stop, value.step)
    if isinstance(value, pd.MultiIndex):
        return digest(kind, names, *map(walker.walk, value.levels), *map(walker.walk, value.codes))
    return digest(kind, names, getattr(value, "freqstr", None), column(walker, value._values))


def blocks(walker: Any, values: Any, columns: int = 1) -> tuple[str, str, int, list[str]]:
    """[digest, kind, rows in a block, digests of the blocks] of a column: one look serves the digest and the words."""
    size = len(values)
    count = min(_BLOCKS, max(1, _BLOCKS_OF_ALL // columns)) if walker.is_at_variable else 1
    step = max(1, -(-size // count))
    found = [column(walker, values[at : at + step]) for at in range(0, size, step)]
    return digest(size, *found), str(values.dtype), step, [one[:12] for one in found]


def column(walker: Any, values: Any) -> str:
    """The digest of a column's type and values."""
    np = sys.modules["numpy"]
    kind = repr(values.dtype)
    if isinstance(values, np.ndarray):
        if values.dtype.hasobject:
            return digest(kind, _chunks(walker, values))
        return digest(kind, array_digest(values))
    codes = getattr(values, "_codes", None)
    if codes is not None and hasattr(values, "categories"):
        return digest("category", walker.walk(values.categories), values.ordered, array_digest(codes))
    stored = getattr(values, "_ndarray", None)
    if isinstance(stored, np.ndarray):
        return digest(kind, _chunks(walker, stored) if stored.dtype.hasobject else array_digest(stored))
    data, mask = getattr(values, "_data", None), getattr(values, "_mask", None)
    if isinstance(data, np.ndarray) and isinstance(mask, np.ndarray):
        return digest(kind, array_digest(mask), array_digest(_unmasked(data, mask)))
    return digest(kind, _chunks(walker, values))


def _unmasked(data: Any, mask: Any) -> Any:
    """The values with what is masked set to zero: what lies under the mask is no value."""
    if not mask.any():
        return data
    data = data.copy()
    data[mask] = 0
    return data


def _chunks(walker: Any, values: Any) -> str:
    steps = range(0, len(values), _CHUNK)
    return digest(len(values), *(walker.items(list(values[start : start + _CHUNK])) for start in steps))


def _torch(walker: Any, value: Any, torch: Any) -> str | None:
    tensor = getattr(torch, "Tensor", None)
    if tensor is None or not isinstance(value, tensor):
        return None
    parts = [
        type(value).__name__,
        str(value.dtype),
        str(value.device),
        value.requires_grad,
        tuple(value.shape),
    ]
    plain = value.detach().cpu()
    data = plain.view(torch.uint8) if value.dtype is getattr(torch, "bfloat16", None) else plain
    grad = walker.walk(value.grad) if value.is_leaf and value.grad is not None else None
    return digest(*parts, walker.walk(data.numpy()), grad)


def _keras(walker: Any, value: Any, keras: Any) -> str | None:
    model = getattr(getattr(keras, "models", None), "Model", None)
    if model is None or not isinstance(value, model):
        return None
    config = walker.walk(value.get_config()) if not walker.is_own(type(value).__module__) else ""
    return digest(type(value).__name__, config, walker.walk(value.get_weights()))


def _tensorflow(walker: Any, value: Any, tf: Any) -> str | None:
    kinds = tuple(kind for kind in (getattr(tf, "Tensor", None), getattr(tf, "Variable", None)) if kind)
    if not kinds or not isinstance(value, kinds) or not hasattr(value, "numpy"):
        return None
    return digest(type(value).__name__, walker.walk(value.numpy()))


_READERS = {
    "numpy": _numpy,
    "pandas": _pandas,
    "torch": _torch,
    "keras": _keras,
    "tensorflow": _tensorflow,
}
