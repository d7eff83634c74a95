"""Time `nb2pipe audit` against `nb2p analyze` (package notebook-to-pipeline 0.2.1) on generated notebooks, in the same run.

The two commands take turns, each as a new process, so that a busy machine slows both. Nothing is kept between runs.
The other tool is no dependency of this project: install it into an environment of its own and name it with --other.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from convert_speed import compile_package, notebook

# code cells -> how many times the other tool's wall time the audit may take
# Both tools run from compiled modules, as they do once installed.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
TARGETS = {50: 0.8, 500: 0.7, 5000: 0.7}


def timed(command: list[str], folder: Path) -> float:
    """Seconds of wall time that a command took; findings (exit 1) are no failure."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode > 1:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return seconds


def main() -> None:
    """Measure every size; exit 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--other", required=True, metavar="NB2P", help="the command nb2p")
    parser.add_argument("--cells", type=int, nargs="+", default=list(TARGETS), help="numbers of code cells")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each command")
    options = parser.parse_args()
    compile_package()
    missed = False
    for count in options.cells:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            (folder / "bench.ipynb").write_text(notebook(count), encoding="utf-8")
            ours, theirs = [], []
            for _ in range(options.repeats):
                ours.append(timed([sys.executable, "-m", "nb2pipe", "audit", "bench.ipynb"], folder))
                theirs.append(timed([options.other, "analyze", "bench.ipynb"], folder))
        middle = statistics.median(ours) / statistics.median(theirs)
        target = TARGETS.get(count)
        missed = missed or (target is not None and middle > target)
        verdict = (
            "" if target is None else f"  target {target:.1f}  {'reached' if middle <= target else 'MISSED'}"
        )
        print(
            f"{count:6d} cells  nb2pipe {statistics.median(ours):7.2f} s  nb2p {statistics.median(theirs):7.2f} s"
            f"  ratio median {middle:5.2f}{verdict}",
            flush=True,
        )
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
