"""Digests of parts, and of large buffers in blocks, without copying them."""

from __future__ import annotations

import hashlib
from typing import Any

BLOCK_BYTES = 1 << 22


def digest(*parts: Any) -> str:
    """One digest of all parts; each goes in with its length, so that no two lists of parts meet."""
    whole = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        whole.update(b"%d:" % len(data))
        whole.update(data)
    return whole.hexdigest()[:32]


def array_digest(array: Any) -> str:
    """The digest of a numpy array of plain data, in logical (C) order whatever its layout in memory."""
    whole = hashlib.sha256()
    for block in _blocks(array):
        whole.update(memoryview(block).cast("B"))
    return whole.hexdigest()[:32]


def _blocks(array: Any) -> Any:
    """The array as contiguous arrays of bytes; only what is not contiguous is copied, a few megabytes at a time."""
    if array.size == 0:
        return
    if array.flags.c_contiguous:
        yield array.reshape(-1).view("u1")
        return
    if array.ndim == 1:
        step = max(1, BLOCK_BYTES // max(1, array.itemsize))
        for start in range(0, len(array), step):
            yield array[start : start + step].copy(order="C").view("u1")
        return
    rows = max(1, BLOCK_BYTES // max(1, array[0].nbytes))
    for start in range(0, len(array), rows):
        yield array[start : start + rows].copy(order="C").reshape(-1).view("u1")
