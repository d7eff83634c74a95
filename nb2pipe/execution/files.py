"""What a run left in its folder; for kinds of files whose bytes vary, what they hold."""

import gzip
import hashlib
import re
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from .pickled import pickle_digest
from .records import FileState
from .scratch import Scratch, digest_of

# What a large pickle holds is slow to tell, and most runs write the same bytes: by suffix and digest.
_KNOWN: dict[tuple[str, str], str | None] = {}


def written(scratch: Scratch, before: Mapping[str, tuple[int, int]]) -> dict[str, FileState]:
    """The files that were written or deleted since `before`."""
    return {name: _state(path) for name, path in scratch.changed(before).items() if not name.endswith(".pyc")}


def _state(path: Path | None) -> FileState:
    if path is None:
        return FileState(None)
    digest = digest_of(path)
    key = (path.suffix.lower(), digest)
    if key not in _KNOWN:
        _KNOWN[key] = content_digest(path)
    return FileState(digest, path.stat().st_size, _KNOWN[key])


def content_digest(path: Path) -> str | None:
    """The digest of what an archive, a database or a pickle holds, without its times; None for other files."""
    reader = _READERS.get(path.suffix.lower(), pickle_digest)
    try:
        return reader(path)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, sqlite3.Error):
        return None


def _zip(path: Path) -> str:
    whole = hashlib.sha256()
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if name != "docProps/core.xml":  # a spreadsheet's times
                whole.update(name.encode() + hashlib.sha256(archive.read(name)).digest())
    return whole.hexdigest()


def _gzip(path: Path) -> str:
    with gzip.open(path) as file:
        return hashlib.sha256(file.read()).hexdigest()


def _sqlite(path: Path) -> str:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()
    finally:
        connection.close()


def _pdf(path: Path) -> str:
    """Matplotlib and others write when a file was made, and an identity made of that."""
    return hashlib.sha256(
        re.sub(rb"/(?:CreationDate|ModDate) ?\([^)]*\)|/ID ?\[[^\]]*\]", b"", path.read_bytes())
    ).hexdigest()


def _svg(path: Path) -> str:
    """Times, and the identities of clip paths, which are drawn at random."""
    return hashlib.sha256(
        re.sub(rb"<dc:date>[^<]*</dc:date>|\b[a-z][0-9a-f]{10}\b", b"", path.read_bytes())
    ).hexdigest()


_READERS: dict[str, Callable[[Path], str | None]] = {
    ".zip": _zip,
    ".npz": _zip,
    ".xlsx": _zip,
    ".gz": _gzip,
    ".pdf": _pdf,
    ".svg": _svg,
    ".db": _sqlite,
    ".sqlite": _sqlite,
    ".sqlite3": _sqlite,
}
