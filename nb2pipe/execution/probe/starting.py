"""Called from sitecustomize in every Python process of a run."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from . import (
    controls,
    recording,
)

side: Any = None  # what watches in this process: a PipelineSide, or a KernelSide once the kernel asked for it
_config: dict[str, Any] = {}


def start() -> None:
    """Set the controls, and watch where this is a process of a pipeline."""
    global side  # noqa: PLW0603  (one process, one side)
    path = os.environ.get("NB2PIPE_PROOF")
    if not path or not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as file:
        _config.update(json.load(file))
    controls.set_up(_config)
    if _config.get("package"):
        from .pipeline_side import PipelineSide

        side = PipelineSide(recording.Recorder(_config["records"], _config["package"]), _config["names"])
        _hide()


def _hide() -> None:
    """Take the probe out of the modules: a pipeline carries what it finds changed in them."""
    for name in [one for one in sys.modules if one.partition(".")[0] == __package__]:
        del sys.modules[name]


def in_kernel() -> None:
    """Watch this kernel: asked for by a hidden request before the first cell."""
    global side  # noqa: PLW0603  (one process, one side)
    from .kernel_side import KernelSide

    side = KernelSide(recording.Recorder(_config["records"], None), _config.get("skip", []))
    controls.set_up({"seed": _config.get("seed")})  # again: the kernel's own start drew numbers
