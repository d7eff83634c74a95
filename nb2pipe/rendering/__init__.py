"""Templates -> FileTree, and the only writer to disk."""

from .formatting import formatted
from .lock import LOCK, digests, lock_text
from .templates import render, rendered_tree, runtime_files
from .writer import Copies, FileTree, add, remove, write

__all__ = [
    "LOCK",
    "Copies",
    "FileTree",
    "add",
    "digests",
    "formatted",
    "lock_text",
    "remove",
    "render",
    "rendered_tree",
    "runtime_files",
    "write",
]
