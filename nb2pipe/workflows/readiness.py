"""A repository -> its readiness card."""

import hashlib
import os
from pathlib import Path

from nb2pipe.scaffold import evidence, readiness
from nb2pipe.scaffold.readiness import Card

from .lock import read_project

# As the repository's own conftest.py takes digests.
_SKIPPED = frozenset({".git", ".venv", "__pycache__", "evidence", "runs", "models", "reports"})
_ENDINGS = (".py", ".ipy", ".ipynb", ".json", ".yaml", ".yml", ".txt", ".csv")
_OWN = frozenset({"readiness.yaml", "nb2pipe.lock"})


def readiness_of(folder: Path) -> Card:
    """The card, from what the repository's tests showed; nothing is run."""
    read_project(folder)
    shown = evidence.evidence_of(_text(folder / evidence.FILE))
    owners = evidence.owners_of(_text(folder / evidence.OWNERS_FILE))
    return readiness.card(shown, owners, _digests(folder))


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


def _digests(root: Path) -> dict[str, str]:
    found = {}
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if name not in _SKIPPED]
        for name in files:
            path = Path(folder) / name
            if name.endswith(_ENDINGS) and name not in _OWN:
                found[path.relative_to(root).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
