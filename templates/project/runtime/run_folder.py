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

PACKAGE = Path(__file__).resolve().parent


def digest(pipeline: Pipeline, values: Mapping[str, Any]) -> str:
    """One word for the code of the pipeline and the parameters of a run."""
    whole = hashlib.sha256(json.dumps(dict(values), default=repr).encode())
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in (".py", ".ipy"):
            whole.update(path.relative_to(PACKAGE).as_posix().encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


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
        self._path.mkdir(parents=True, exist_ok=True)
        return self._path

    def is_made(self) -> bool:
        """Whether anything was kept."""
        return self._path is not None and self._path.is_dir()

    def _fresh(self) -> Path:
        word = digest(self._pipeline, self._values)
        for root in roots(self._pipeline):
            try:
                root.mkdir(parents=True, exist_ok=True)
                return _numbered(root, word)
            except OSError:
                continue
        raise OSError("no folder to write to: name one with --out")


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
    """The newest run of this code with these parameters that kept its states."""
    word = digest(pipeline, values)
    if out is not None:
        return out if (out / "store").is_dir() else None
    found = [
        path
        for root in roots(pipeline)
        for path in root.glob(f"{word}-*")
        if (path / "store").is_dir()
    ]
    return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
