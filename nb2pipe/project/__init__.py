"""Plan and modules -> the converted project as a tree of files."""

from .assemble import assemble
from .pinning import with_requirements

__all__ = ["assemble", "with_requirements"]
