"""Plan and answers -> the repository around a converted project. One promise a part."""

from .answers import FILE as ANSWERS
from .answers import answers_of
from .as_made import BASE, base_files, base_text
from .assemble import assemble, lock_of, made_around
from .changes import Change, changes
from .model import PLACEHOLDER, Answers, Ground, Part
from .reading import fits_model, named_folders, read_files
from .registry import all_parts, listed_parts, with_needed

__all__ = [
    "ANSWERS",
    "BASE",
    "PLACEHOLDER",
    "Answers",
    "Change",
    "Ground",
    "Part",
    "all_parts",
    "answers_of",
    "assemble",
    "base_files",
    "base_text",
    "changes",
    "fits_model",
    "listed_parts",
    "lock_of",
    "made_around",
    "named_folders",
    "read_files",
    "with_needed",
]
