"""One run of the pipeline under watch, in the notebook's folder or a copy of it."""

from __future__ import annotations

import contextlib
import copy
import io
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..pipeline import PIPELINE
from ..runner import parameters
from ..runner.runner import Session, Stage
from .choice import FOLDER
from .watching import Call, watching

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebook"  # with the files that it reads
PLACE = Path(FOLDER).relative_to("notebook")  # below that
SEED = 0


@dataclass
class Run:
    """What a run was given, printed, called and left."""

    values: Mapping[str, Any]
    printed: str
    calls: Sequence[Call]
    names: Mapping[str, Any]
    borders: Sequence[Mapping[str, Any] | None] = field(default_factory=list)


def run(
    given: Mapping[str, Any] | None = None,
    workdir: Path = NOTEBOOK,
    *,
    borders: bool = False,
) -> Run:
    """Run all stages; with `borders`, keep what lives before each of them."""
    values = parameters.checked(PIPELINE, given or {})
    _seed()
    printed = _Tee(sys.stdout)
    kept: list[Mapping[str, Any] | None] = []
    with (
        tempfile.TemporaryDirectory() as shown,
        _working_in(workdir / PLACE),
        contextlib.redirect_stdout(printed),
        Session(PIPELINE, values, lambda: Path(shown)) as session,
    ):
        with watching() as calls:
            for index, stage in enumerate(PIPELINE.stages):
                if borders:
                    kept.append(_alive(index, session.names))
                session.run(stage)
        names = dict(session.names)
    return Run(values, printed.getvalue(), calls, names, kept)


def _seed() -> None:
    """Begin the random streams anew: a notebook that sets no seed can be repeated, too."""
    random.seed(SEED)
    try:
        import numpy
    except ImportError:
        return
    numpy.random.seed(SEED)


def needed(stages: Sequence[Stage]) -> set[str]:
    """The variables that these stages take from before the first of them."""
    wanted: set[str] = set()
    for stage in reversed(stages):
        wanted -= set(stage.outputs)
        wanted |= set(stage.inputs)
    return wanted


def _alive(index: int, names: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A copy of what the later stages need; None where something cannot be copied."""
    wanted = needed(PIPELINE.stages[index:])
    alive = {name: names[name] for name in wanted if name in names}
    try:
        return copy.deepcopy(alive)
    except Exception:  # noqa: BLE001 - any class may refuse
        return None


@contextlib.contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


class _Tee(io.StringIO):
    """Keeps what is printed, and prints it."""

    def __init__(self, out: Any) -> None:
        super().__init__()
        self._out = out

    def write(self, text: str) -> int:
        self._out.write(text)
        return super().write(text)
