"""The record in a project of what was written into it, by which hand-made changes are known."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .writer import FileTree

LOCK = "nb2pipe.lock"


def digests(files: FileTree) -> dict[str, str]:
    """The SHA-256 of each file, by path."""
    return {
        path: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        for path, text in files.items()
    }


def lock_text(lock: Mapping[str, Any]) -> str:
    """The record as the text of its file."""
    ordered = {**lock, "files": dict(sorted(lock["files"].items()))}
    return json.dumps(ordered, indent=1, ensure_ascii=True) + "\n"
