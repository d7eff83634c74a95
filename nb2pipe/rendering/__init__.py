"""Templates -> FileTree, and the only writer to disk."""

from .formatting import formatted
from .templates import render, runtime_files
from .writer import FileTree, write

__all__ = ["FileTree", "formatted", "render", "runtime_files", "write"]
