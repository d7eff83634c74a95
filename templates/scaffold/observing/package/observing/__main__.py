"""Run the pipeline once under watch, and keep in observed/ what was seen: make observe."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ..runner.runner import StageError
from . import served
from .keepers import AFTER, KEEPERS
from .running import run

OBSERVED = Path(__file__).resolve().parents[1] / "observed"


def main() -> int:
    """0 done, 1 the pipeline failed or has not what a part needs."""
    try:
        seen = run(borders=True)
    except StageError as error:
        print(error.report(), file=sys.stderr)
        return 1
    told = {}
    for name, keep in KEEPERS.items():
        try:
            told[name] = keep(seen)
        except (served.NothingServedError, TypeError) as error:
            print(f"not observed: {name}: {error}", file=sys.stderr)
            return 1
    OBSERVED.mkdir(exist_ok=True)
    for name, found in told.items():
        text = json.dumps(found, indent=1, sort_keys=True) + "\n"
        (OBSERVED / f"{name}.json").write_text(text, "utf-8")
    for write in AFTER:
        write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
