"""Plan and answers -> the repository around a converted project. One promise a part."""

from .answers import FILE as ANSWERS_FILE
from .assemble import assemble
from .model import PLACEHOLDER, Answers, Ground, Part, PartModule
from .reading import read_files
from .registry import all_parts, listed_parts, with_needed

__all__ = [
    "ANSWERS_FILE",
    "PLACEHOLDER",
    "Answers",
    "Ground",
    "Part",
    "PartModule",
    "all_parts",
    "assemble",
    "listed_parts",
    "read_files",
    "with_needed",
]
