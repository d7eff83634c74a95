"""Run the pipeline twice, in two processes and two folders, and compare all that it leaves: make reproduce."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..observing.digests import digest
from ..observing.running import NOTEBOOK, ROOT, run
from ..pipeline import PIPELINE

_PASSING = re.compile(r"\b0x[0-9a-f]+\b|\b\d{1,2}:\d\d:\d\d(\.\d+)?\b")


def digests(workdir: Path) -> dict[str, str]:
    """What a run leaves: what it printed, its files, and its outputs, each as a digest."""
    done = run(workdir=workdir)
    found = {"printed": _digest(result_of(done.printed).encode())}
    for path in sorted(one for one in workdir.rglob("*") if one.is_file()):
        found[f"file {path.relative_to(workdir)}"] = _digest(path.read_bytes())
    for name in sorted({name for one in PIPELINE.stages for name in one.outputs}):
        if name in done.names:
            found[f"output {name}"] = digest(done.names[name])
    return found


def result_of(printed: str) -> str:
    """What is printed without what is no result of it: where an object lies, and the time of day."""
    return _PASSING.sub("..", printed)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def compared(first: Mapping[str, str], second: Mapping[str, str]) -> list[str]:
    """What differs between two runs."""
    return [name for name in {**first, **second} if first.get(name) != second.get(name)]


def twice() -> tuple[list[str], list[str]]:
    """What differs, and what was compared."""
    runs = [_elsewhere(str(seed)) for seed in range(2)]
    return compared(*runs), [name for name, digest in runs[0].items() if digest]


def _elsewhere(hashseed: str) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        workdir = shutil.copytree(NOTEBOOK, Path(folder) / "notebook")
        words = [sys.executable, "-m", __spec__.name, "--digests", str(workdir)]
        environment = {**os.environ, "PYTHONHASHSEED": hashseed}
        done = subprocess.run(
            words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> int:
    """0 the same twice, 1 something differs."""
    if sys.argv[1:2] == ["--digests"]:
        print(json.dumps(digests(Path(sys.argv[2]))))
        return 0
    differing, same = twice()
    print(f"compared: {', '.join(same)}")
    for name in differing:
        print(f"differs: {name}", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
