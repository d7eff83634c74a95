"""Plan and answers -> the repository around a converted project. One promise a part."""

from .assemble import assemble
from .model import PLACEHOLDER, Answers, Ground, Part
from .reading import read_files
from .registry import all_parts, listed_parts, with_needed

__all__ = [
    "PLACEHOLDER",
    "Answers",
    "Ground",
    "Part",
    "all_parts",
    "assemble",
    "listed_parts",
    "read_files",
    "with_needed",
]
