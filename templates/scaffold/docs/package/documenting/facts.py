"""What the pages tell: of which files, and what one run of them showed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..contracts.inferring import sources
from ..observing.digests import of_files
from ..observing.running import NOTEBOOK, Run
from ..observing.seen_model import model_if_any
from .story import INPUTS

PACKAGE = Path(__file__).resolve().parents[1]
Origin = Mapping[str, Mapping[str, str]]


def origin() -> Origin:
    """The author's code, and the data that it reads, each file with its digest."""
    code = [*PACKAGE.glob("*.py"), *(PACKAGE / "stages").glob("*.*py")]
    return {
        "code": of_files(PACKAGE.parent, code),
        "data": of_files(NOTEBOOK, (NOTEBOOK / name for name in INPUTS)),
    }


# As it is before anything runs: a pipeline may write over what it reads.
BEGUN = origin()


def facts(run: Run) -> dict[str, Any]:
    """What the pages are filled from."""
    return {"origin": BEGUN, "sources": sources(run), "model": model_if_any(run)}
