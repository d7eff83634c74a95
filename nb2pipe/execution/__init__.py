"""Runs a notebook in a clean kernel and a pipeline in its processes, and records what each did."""

from .clean_env import clean_environment
from .interpreter import Interpreter, interpreter
from .pipeline import MODES, Project, run_pipeline, stage_outputs
from .place import Place
from .records import Aliases, Border, Controls, Display, Failure, FileState, Joined, RunRecord, Value
from .reference import run_notebook
from .remembered import key_of, remembered
from .scratch import Scratch, disk_faults, scratch_of

__all__ = [
    "MODES",
    "Aliases",
    "Border",
    "Controls",
    "Display",
    "Failure",
    "FileState",
    "Interpreter",
    "Joined",
    "Place",
    "Project",
    "RunRecord",
    "Scratch",
    "Value",
    "clean_environment",
    "disk_faults",
    "interpreter",
    "key_of",
    "remembered",
    "run_notebook",
    "run_pipeline",
    "scratch_of",
    "stage_outputs",
]
