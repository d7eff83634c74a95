"""Templates -> FileTree, and the only writer to disk."""

from .formatting import formatted
from .templates import render, runtime_files
from .writer import FileTree, add, remove, write

__all__ = ["FileTree", "add", "formatted", "remove", "render", "runtime_files", "write"]
