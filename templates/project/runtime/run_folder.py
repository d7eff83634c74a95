"""Where a run keeps what it shows: made only when there is something to keep."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .runner import Pipeline

PACKAGE = Path(__file__).resolve().parents[1]


def digest(pipeline: Pipeline, values: Mapping[str, Any]) -> str:
    """One word for the code of the pipeline and the parameters of a run."""
    whole = hashlib.sha256(json.dumps(dict(values), default=repr).encode())
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in (".py", ".ipy"):
            whole.update(path.relative_to(PACKAGE).as_posix().encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


class NoFolderError(Exception):
    """Nowhere to write: the command ends with 1 and this sentence."""


class RunFolder:
    """DIR/runs/<digest>-<counter>, or the folder that --out names."""

    def __init__(
        self, pipeline: Pipeline, values: Mapping[str, Any], out: str | None = None
    ) -> None:
        self._pipeline, self._values = pipeline, values
        self._path = Path(out).absolute() if out else None

    def path(self) -> Path:
        """The folder; it exists afterwards."""
        if self._path is None:
            self._path = self._fresh()
        try:
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NoFolderError(f"cannot write to {self._path}: {error}") from None
        return self._path

    def _fresh(self) -> Path:
        word = digest(self._pipeline, self._values)
        for root in roots(self._pipeline):
            try:
                root.mkdir(parents=True, exist_ok=True)
                return _numbered(root, word)
            except OSError:
                continue
        raise NoFolderError("no folder to write to: name one with --out")


def roots(pipeline: Pipeline) -> list[Path]:
    """Where runs are kept: beside the package, else in the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    if sys.platform == "win32":
        cache = os.environ.get("LOCALAPPDATA", cache)
    return [PACKAGE.parent / "runs", Path(cache) / pipeline.package / "runs"]


def _numbered(root: Path, word: str) -> Path:
    number = 1
    while True:
        path = root / f"{word}-{number}"
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
        else:
            return path


def latest(
    pipeline: Pipeline, values: Mapping[str, Any], out: Path | None = None
) -> Path | None:
    """The newest run with these parameters that kept its states, whatever its code."""
    found = [path for root in roots(pipeline) for path in root.glob("*-*")]
    found = [path for path in ([out] if out else found) if _had(path, values)]
    return max(found, key=_age, default=None)


def _had(path: Path, values: Mapping[str, Any]) -> bool:
    try:
        begin = json.loads((path / "store" / "begin.json").read_text("utf-8"))
        return bool(
            begin["values"] == json.loads(json.dumps(dict(values), default=repr))
        )
    except (OSError, ValueError, KeyError):
        return False


def _age(path: Path) -> int:
    return (path / "store" / "begin.json").stat().st_mtime_ns


def cache_of(pipeline: Pipeline) -> Path:
    """Where results are kept from run to run."""
    for root in roots(pipeline):
        folder = root / "cache"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise NoFolderError("no folder to keep results in: run without --cache")


def seed_of(cache: Path | None) -> str:
    """The hash seed of all runs that share results: sets must keep their order."""
    return "" if cache is None else "0"
