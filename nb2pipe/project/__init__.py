"""Plan and modules -> the converted project as a tree of files."""

from .assemble import assemble
from .pins import pins_of

__all__ = ["assemble", "pins_of"]
