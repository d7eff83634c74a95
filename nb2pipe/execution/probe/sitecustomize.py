"""Starts the probe in every process of a run, then gives way to the environment's own sitecustomize."""

import importlib.machinery
import importlib.util
import os
import sys

_folder = os.path.dirname(os.path.abspath(__file__))


def _start() -> None:
    from _nb2pipe_probe import starting  # type: ignore[import-not-found]

    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != _folder]
    starting.start()


def _give_way() -> None:
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


_start()
_give_way()
