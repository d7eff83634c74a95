"""A store at a URL, such as s3://bucket/run: a stage works on a copy of what it needs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .isolated import STORE_HERE as _HERE
from .parameters import UsageError


@contextlib.contextmanager
def copied(url: str, before: str) -> Iterator[Path]:
    """A folder with the state before a stage (`before` names its file); what is new in it goes back."""
    system, root = _system(url)
    known = os.environ.pop(_HERE, None)
    folder = Path(known) if known else Path(tempfile.mkdtemp(prefix="store-"))
    try:
        if not known:
            _fetch(system, root, folder, before)
        there = _ages(folder)
        os.environ[_HERE] = str(folder)
        yield folder
        _bring_back(system, root, folder, there)
    finally:
        os.environ.pop(_HERE, None)
        shutil.rmtree(folder, ignore_errors=True)


def _system(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise UsageError(
            f"the store {url} is a URL: pip install fsspec, and what it needs for it"
        ) from None
    try:
        system, root = url_to_fs(url)
        system.makedirs(root, exist_ok=True)
    except Exception as error:  # noqa: BLE001
        raise UsageError(f"the store {url} cannot be opened: {error}") from None
    return system, root.rstrip("/")


def _fetch(system: Any, root: str, folder: Path, before: str) -> None:
    for name in ("hashseed", before):
        if name and system.exists(f"{root}/{name}"):
            system.get_file(f"{root}/{name}", str(folder / name))
    if before and (folder / before).exists():
        state = json.loads((folder / before).read_text("utf-8"))
        for group in state["groups"]:
            name = group["file"]
            system.get_file(f"{root}/{name}", str(folder / name))


def _ages(folder: Path) -> dict[str, int]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in files
    }


def _bring_back(system: Any, root: str, folder: Path, there: dict[str, int]) -> None:
    """The values first, the state that lists them last: nobody sees half of it."""
    new = [name for name, age in _ages(folder).items() if there.get(name) != age]
    for name in sorted(new, key=lambda one: one.endswith(".json")):
        if not name.endswith(".part"):
            system.makedirs(f"{root}/{name}".rpartition("/")[0], exist_ok=True)
            system.put_file(str(folder / name), f"{root}/{name}")
    untrue = there.keys() - _ages(folder).keys()  # states that were forgotten
    for name in untrue:
        system.rm_file(f"{root}/{name}")
