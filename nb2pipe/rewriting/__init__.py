"""Plan -> stage modules: the author's text, changed only where it must be."""

from .stages import Modules, rewrite

__all__ = ["Modules", "rewrite"]
