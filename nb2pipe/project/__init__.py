"""Plan and modules -> the converted project as a tree of files."""

from .assemble import assemble
from .pinning import with_requirements
from .record import with_record

__all__ = ["assemble", "with_record", "with_requirements"]
