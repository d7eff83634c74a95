"""What the pages tell: of which files, and what one run of them showed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..contracts.inferring import sources
from ..observing.running import NOTEBOOK, Run
from ..observing.seen_model import model_if_any
from .story import INPUTS

PACKAGE = Path(__file__).resolve().parents[1]
Origin = Mapping[str, Mapping[str, str]]


def origin() -> Origin:
    """The author's code, and the data that it reads, each file with its digest."""
    code = [*PACKAGE.glob("*.py"), *(PACKAGE / "stages").glob("*.*py")]
    return {
        "code": _digests(PACKAGE.parent, code),
        "data": _digests(NOTEBOOK, (NOTEBOOK / name for name in INPUTS)),
    }


def _digests(root: Path, paths: Iterable[Path]) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(paths)
        if path.is_file()
    }


# As it is before anything runs: a pipeline may write over what it reads.
BEGUN = origin()


def facts(run: Run) -> dict[str, Any]:
    """What the pages are filled from."""
    return {"origin": BEGUN, "sources": sources(run), "model": model_if_any(run)}
