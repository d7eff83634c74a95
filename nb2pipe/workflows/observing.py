"""A notebook's file -> what its cells do in clean kernels: run in a scratch copy, without a seed set."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nb2pipe import execution
from nb2pipe.execution import Controls, Interpreter, Place, RunRecord, Scratch
from nb2pipe.notebooks import Lifted
from nb2pipe.verification import Observed, observed, sources

from .reached import reached


@dataclass(frozen=True, slots=True)
class ObservingWish:
    """What the user may say of such runs."""

    python: str | None = None
    timeout: float = 600.0  # seconds for a cell
    root: Path | None = None
    copy_all: bool = False
    runs: int = 3  # one tells nothing of what varies


def observe(path: Path, cells: Sequence[Lifted], wish: ObservingWish) -> Observed:
    """Run these cells of the notebook as a person would: twice alike, and once with other hashes of texts."""
    python = execution.interpreter(wish.python)
    with execution.scratch_of(path, None, wish.root, wish.copy_all, reached(cells, path)) as scratch:
        runs = [_run(cells, scratch, python, wish, seed) for seed in ("1", "1", "2")[: wish.runs]]
    return replace(observed(runs[:2], *runs[2:]), place=scratch.place)


def _run(
    cells: Sequence[Lifted], scratch: Scratch, python: Interpreter, wish: ObservingWish, hashseed: str
) -> RunRecord:
    place = Place(scratch, python, Controls(seed=None, hashseed=hashseed), wish.timeout)
    return execution.observe_notebook(cells, place, sources.only_imported(sources.trees(cells)))
