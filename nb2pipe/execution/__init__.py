"""Runs a notebook in a clean kernel and a pipeline in its processes, and records what each did."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clean_env import clean_environment
    from .interpreters import Interpreter, interpreter
    from .modes import MODES
    from .pipeline import Elsewhere, Project, run_elsewhere, run_pipeline, stage_outputs
    from .place import Place
    from .records import (
        Aliases,
        Border,
        Controls,
        Display,
        Failure,
        FileState,
        Joined,
        RunRecord,
        Seen,
        Took,
        Value,
    )
    from .reference import observe_notebook, run_notebook
    from .remembering import key_of, remembered
    from .scratch import Scratch, disk_faults, scratch_of

__all__ = [
    "MODES",
    "Aliases",
    "Border",
    "Controls",
    "Display",
    "Elsewhere",
    "Failure",
    "FileState",
    "Interpreter",
    "Joined",
    "Place",
    "Project",
    "RunRecord",
    "Scratch",
    "Seen",
    "Took",
    "Value",
    "clean_environment",
    "disk_faults",
    "interpreter",
    "key_of",
    "observe_notebook",
    "remembered",
    "run_elsewhere",
    "run_notebook",
    "run_pipeline",
    "scratch_of",
    "stage_outputs",
]
# A command that runs nothing imports nothing of this: its start would take longer than its work.
_FILES = {
    "clean_env": ("clean_environment",),
    "interpreters": ("Interpreter", "interpreter"),
    "modes": ("MODES",),
    "pipeline": ("Elsewhere", "Project", "run_elsewhere", "run_pipeline", "stage_outputs"),
    "place": ("Place",),
    "records": tuple(
        "Aliases Border Controls Display Failure FileState Joined RunRecord Seen Took Value".split()
    ),
    "reference": ("observe_notebook", "run_notebook"),
    "remembering": ("key_of", "remembered"),
    "scratch": ("Scratch", "disk_faults", "scratch_of"),
}
_PLACES = {name: file for file, names in _FILES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_PLACES[name]}", __name__), name)
    globals()[name] = value
    return value
