"""What cells do beside their results, where that was asked for: which files they open and write, how large variables are."""

from __future__ import annotations

import os
import sys
from typing import Any

_SKIPPED = frozenset({".git", "__pycache__", ".ipynb_checkpoints", "node_modules"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_DEPTH = 3
_ITEMS = 200  # of a container; the others count as these do


class Files:
    """Watches one folder: files in it that are opened for reading, and files whose bytes change."""

    def __init__(self, root: str) -> None:
        self._root = os.path.realpath(root)
        self._opened: dict[str, None] = {}
        self._known = self._listed()
        sys.addaudithook(self._hook)

    def since(self) -> dict[str, list[str]]:
        """What was read and what was written since the last call, relative to the folder."""
        opened, self._opened = self._opened, {}
        now, before = self._listed(), self._known
        self._known = now
        written = [name for name, state in now.items() if before.get(name) != state]
        return {
            "reads": sorted(name for name in opened if name in before and not name.endswith(".pyc")),
            "writes": sorted(written),
            "removes": sorted(name for name in before if name not in now),
        }

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[0], (str, bytes, os.PathLike)):
            mode, flags = args[1], args[2]
            is_read = "r" in mode if isinstance(mode, str) else not (flags or 0) & _WRITING
            if is_read:
                self._keep(os.fsdecode(args[0]))
        elif event == "sqlite3.connect" and isinstance(args[0], (str, bytes, os.PathLike)):
            self._keep(os.fsdecode(args[0]))

    def _keep(self, name: str) -> None:
        path = os.path.realpath(name)
        if path.startswith(self._root + os.sep):
            self._opened[path[len(self._root) + 1 :].replace(os.sep, "/")] = None

    def _listed(self) -> dict[str, tuple[int, int]]:
        found = {}
        for folder, names, files in os.walk(self._root):
            names[:] = [name for name in names if name not in _SKIPPED]
            for name in files:
                path = os.path.join(folder, name)
                try:
                    status = os.stat(path)
                except OSError:
                    continue
                place = path[len(self._root) + 1 :].replace(os.sep, "/")
                found[place] = (status.st_size, status.st_mtime_ns)
        return found


def size(value: Any, depth: int = _DEPTH) -> int:
    """About how many bytes a value holds; nothing of the notebook's is called for it."""
    kind = type(value)
    np, pd = sys.modules.get("numpy"), sys.modules.get("pandas")
    array: Any = getattr(np, "ndarray", ())
    if isinstance(value, array):
        return int(value.nbytes) + (48 * int(value.size) if value.dtype.hasobject else 0)
    if isinstance(value, (getattr(pd, "DataFrame", ()), getattr(pd, "Series", ()))):
        return _of_table(value)
    if kind in (list, tuple, set, frozenset):
        return sys.getsizeof(value) + _of_items(list(value), len(value), depth)
    if kind is dict:
        return sys.getsizeof(value) + _of_items([*value.values()], len(value), depth)
    own = (
        getattr(value, "__dict__", None)
        if depth and not isinstance(value, type) and not callable(value)
        else None
    )
    inner = _of_items(list(own.values()), len(own), depth) if isinstance(own, dict) else 0
    return object.__sizeof__(value) + inner


def _of_table(value: Any) -> int:
    kinds = list(value.dtypes) if value.ndim > 1 else [value.dtype]
    widths = [getattr(kind, "itemsize", 8) + (48 if kind == object else 0) for kind in kinds]  # noqa: E721
    return len(value) * sum(widths)


def _of_items(items: list[Any], count: int, depth: int) -> int:
    if not depth or not items:
        return 0
    looked = items[:_ITEMS]
    return sum(size(item, depth - 1) for item in looked) * count // len(looked)
