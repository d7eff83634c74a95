"""Reference runs kept on disk by content: the same cells in the same surroundings are not run again."""

import hashlib
import os
import pickle
from collections.abc import Callable, Collection, Sequence
from dataclasses import astuple
from pathlib import Path

from nb2pipe.notebooks import Lifted

from .place import Place
from .records import RunRecord
from .reference import blanked
from .scratch import digest_of

_PROBE = Path(__file__).parent / "probe"


def remembered(folder: Path | None, key: str, run: Callable[[], RunRecord]) -> RunRecord:
    """The run that is kept under this key; where there is none, it runs and is kept."""
    if folder is None:
        return run()
    path = folder / f"{key}.pickle"
    if path.exists():
        record = pickle.loads(path.read_bytes())  # noqa: S301  (we wrote it; it holds our own values only)
        assert isinstance(record, RunRecord)
        return record
    record = run()
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(pickle.dumps(record))
    part.replace(path)
    return record


def key_of(
    cells: Sequence[Lifted], borders: Collection[int], place: Place, skip: Collection[str], number: int
) -> str:
    """What a reference run depends on, in one digest; `number` tells repeated runs apart."""
    parts = [number, sorted(borders), sorted(skip), astuple(place.controls), place.python.exe]
    parts += [(one.cell.number, sorted(one.cell.tags), blanked(one)) for one in cells]
    parts += [(path.name, digest_of(path)) for path in sorted(_PROBE.glob("*.py"))]
    parts += [(name, digest_of(path)) for name, path in place.scratch.originals()]
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
