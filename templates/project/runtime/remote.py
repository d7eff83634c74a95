"""What lies at a URL, such as s3://bucket/run: a stage works on a copy of what it needs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .isolated import STORE_HERE as _HERE
from .parameters import UsageError
from .store import files_of


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


def is_url(place: object) -> bool:
    """Whether it is no folder of this machine."""
    return "://" in str(place)


def fetch(url: str, folder: Path, names: Iterable[str]) -> None:
    """Bring files and folders that lie at a URL, those of them that are there."""
    system, root = _system(url)
    paths = [path for name in names for path in system.find(f"{root}/{name}")]
    targets = [folder / path[len(root) :].lstrip("/") for path in paths]
    for target in targets:
        target.parent.mkdir(parents=True, exist_ok=True)
    if paths:
        system.get(paths, [str(target) for target in targets])


def send(folder: Path, url: str, names: Iterable[str]) -> None:
    """Put files and folders to a URL, in place of what was there; in each, lists of values last."""
    system, root = _system(url)
    for name in names:
        if system.exists(f"{root}/{name}"):
            system.rm(f"{root}/{name}", recursive=True)
        there = [folder / name, *(folder / name).rglob("*")]
        files = [path for path in there if path.is_file()]
        for is_list in (False, True):
            chosen = [one for one in files if (one.suffix == ".json") is is_list]
            targets = [f"{root}/{one.relative_to(folder).as_posix()}" for one in chosen]
            for parent in {target.rpartition("/")[0] for target in targets}:
                system.makedirs(parent, exist_ok=True)
            if chosen:
                system.put([str(one) for one in chosen], targets)


def _system(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise UsageError(
            f"{url} is a URL: pip install fsspec, and what it needs for it, such as s3fs"
        ) from None
    try:
        system, root = url_to_fs(url)
        system.invalidate_cache()  # others write there, too
        system.makedirs(root, exist_ok=True)
    except Exception as error:  # noqa: BLE001
        raise UsageError(f"{url} cannot be opened: {error}") from None
    return system, root.rstrip("/")


def _fetch(system: Any, root: str, folder: Path, before: str) -> None:
    for name in ("hashseed", before):
        if name and system.exists(f"{root}/{name}"):
            system.get_file(f"{root}/{name}", str(folder / name))
    if before and (folder / before).exists():
        state = json.loads((folder / before).read_text("utf-8"))
        for name in (name for group in state["groups"] for name in files_of(group)):
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
