"""Judge the model: make evaluate. With LABELS and PREDICTION_LOG, on what came true of its answers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..observing.running import run
from .examining import exam
from .joining import by_version, joined

BIRTH = Path(__file__).resolve().parents[1] / "observed" / "exam.json"
SLACK = 0.05  # of the score, before a model counts as worse than it was
SLICE_SLACK = 0.15  # slices are small, so they vary more


def known() -> dict[str, Any]:
    """What was found when the pipeline was observed; nothing before that."""
    return dict(json.loads(BIRTH.read_text("utf-8"))) if BIRTH.is_file() else {}


def worse(found: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """What is worse than it was, one sentence each."""
    told = []
    if found["score"] < before["score"] - SLACK:
        told.append(f"the score is {found['score']:.3f}, it was {before['score']:.3f}")
    if found["score"] < found["simple"]:
        told.append(f"an answer that looks at nothing has {found['simple']:.3f}")
    for name, one in before["slices"].items():
        now = found["slices"].get(name, one)["score"]
        if now < one["score"] - SLICE_SLACK:
            told.append(f"{name}: the score is {now:.3f}, it was {one['score']:.3f}")
    return told


def worse_in_use(versions: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """The versions whose answers came true less often than the exam promised."""
    return [
        f"{version} has {one['score']:.3f} on {one['rows']} labels, {before['score']:.3f} was promised"
        for version, one in versions.items()
        if one["score"] < before["score"] - SLACK
    ]


def main() -> int:
    """0 as good as it was, 1 something is worse."""
    before = known()
    if not before:
        print("not observed yet: make observe", file=sys.stderr)
        return 1
    labels, log = os.environ.get("LABELS"), os.environ.get("PREDICTION_LOG")
    if labels and log:
        versions = by_version(joined(Path(log), Path(labels)))
        print(json.dumps(versions, indent=1))
        found = worse_in_use(versions, before)
    else:
        now = exam(run(borders=True))
        print(json.dumps(now, indent=1))
        found = worse(now, before)
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
