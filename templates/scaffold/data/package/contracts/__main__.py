"""Run the pipeline, and check every table that it reads: make contracts."""

from __future__ import annotations

import sys

from ..observing.running import run
from .checking import contracts, problems
from .inferring import tables


def main() -> int:
    """0 all hold, 1 one is broken."""
    known, seen = contracts(), tables(run())
    found = [f"{name} was not read" for name in known if name not in seen]
    for name, frame in seen.items():
        if name in known:
            found += problems(name, frame, known[name])
        else:
            found.append(f"{name} has no contract: make observe")
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
