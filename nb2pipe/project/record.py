"""The test that a proved pipeline still prints what its notebook printed when the two were run.

The record comes from the runs of a proof that said equal, never from a notebook's saved outputs.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nb2pipe.planning import Plan
from nb2pipe.rendering import FileTree, render
from nb2pipe.verification import Verdict, printed

from .locking import with_files


def with_record(tree: FileTree, plan: Plan, verdict: Verdict, around: Sequence[str]) -> FileTree:
    """The project with its record, `around` being what was copied for the runs, relative to the notebook's folder.

    Without one where the proof is not equal, or where its runs were set as no later run is: with a frozen clock.
    """
    if not verdict.is_equal or verdict.controls.freeze is not None:
        return tree
    values = {one.name: one.value for one in plan.parameters}
    record = _lines(verdict) | {"params": values, "around": list(around), "settings": _settings(verdict)}
    files = {
        "tests/recorded.json": json.dumps(record, indent=1, ensure_ascii=True) + "\n",
        "tests/test_recorded.py": render("project/test_recorded.py"),
    }
    return with_files(tree, files)


def _lines(verdict: Verdict) -> dict[str, Any]:
    """The lines up to the first place where their number varies, and those after the last; None for one that varies."""
    lines = verdict.lines
    holes = [place for place, line in enumerate(lines) if line.many]
    if not holes:
        return {"begin": [line.text for line in lines], "end": None}
    begin, end = lines[: holes[0]], lines[holes[-1] + 1 :]
    return {"begin": [line.text for line in begin], "end": [line.text for line in end]}


def _settings(verdict: Verdict) -> Mapping[str, Any]:
    """How the runs were set and what counts of their lines, for the same to be done without the proof."""
    loaded = {name for run in verdict.records for name in run.modules}
    return {
        "seed": verdict.controls.seed,
        "hashseed": verdict.controls.hashseed,
        "numpy": "numpy" in loaded,
        "torch": "torch" in loaded,
        "not_part": [pattern.pattern for pattern in printed.NOT_PART],
        "address": printed.ADDRESS.pattern,
    }
