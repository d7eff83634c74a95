"""Plan and modules -> the converted project as a tree of files."""

from .assemble import assemble

__all__ = ["assemble"]
