"""Templates -> FileTree, and the only writer to disk."""

from .formatting import formatted
from .templates import render, runtime_files
from .writer import FileTree, add, write

__all__ = ["FileTree", "add", "formatted", "render", "runtime_files", "write"]
