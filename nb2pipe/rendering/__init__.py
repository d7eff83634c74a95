"""Templates -> FileTree, and the only writer to disk."""

from .formatting import formatted
from .templates import render, rendered_tree, runtime_files
from .writer import Copies, FileTree, add, remove, write

__all__ = [
    "Copies",
    "FileTree",
    "add",
    "formatted",
    "remove",
    "render",
    "rendered_tree",
    "runtime_files",
    "write",
]
