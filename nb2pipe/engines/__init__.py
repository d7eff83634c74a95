"""A converted project -> the files of an adapter for an engine. One engine a file, or a package's entry point."""

from .definition import Definition, StageOf, definition_of
from .model import Adapter, Engine, EngineRun, adapter_files, printed, run_of
from .registry import GROUP, engine_named, engines

__all__ = [
    "GROUP",
    "Adapter",
    "Definition",
    "Engine",
    "EngineRun",
    "StageOf",
    "adapter_files",
    "definition_of",
    "engine_named",
    "engines",
    "printed",
    "run_of",
]
