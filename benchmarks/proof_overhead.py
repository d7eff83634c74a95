"""What being observed costs: time and peak memory of a run with and without the probe, side by side.

python benchmarks/proof_overhead.py [NOTEBOOK...] --python EXE [--gigabytes 1]

Without a notebook it makes one with a frame of that size. The pipeline of each notebook runs in one process, observed
as `verify` observes it, and plain; the two take turns. Targets: 1.3 times the time and 2 s, 1.3 times the memory.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from notebook_grammar import MARKDOWN, as_notebook

from nb2pipe import execution
from nb2pipe.execution import Controls
from nb2pipe.execution.surroundings import environment
from nb2pipe.verification import sources
from nb2pipe.workflows import convert as conversion
from nb2pipe.workflows.lock import cells_of, read_project
from nb2pipe.workflows.reached import reached

_MEASURE = """
import json, resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL).returncode
seconds = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
told = [code, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]
json.dump(told, open(sys.argv[1], "w"))
"""
LARGE = (
    "import numpy as np\nimport pandas as pd",
    "df = pd.DataFrame(np.random.default_rng(0).random(({rows}, 8)), columns=list('abcdefgh'))",
    "df['a'] = df['a'] * 2\ndf['group'] = (df['b'] * 10).astype('int8')",
    "means = df.groupby('group').mean()\nprint(means.round(3))",
    "df = df.sort_values('c')\nprint(df['a'].iloc[0])",
)


@dataclass(frozen=True, slots=True)
class Cost:
    """One run."""

    seconds: float
    busy: float  # seconds of processor time: what a busy machine does not change
    megabytes: float


def main() -> int:
    """Measure, print a line for each notebook; exit 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--python", default=sys.executable, metavar="EXE")
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory(prefix="overhead-") as place:
        for notebook in options.notebooks or [_large(Path(place), options.gigabytes)]:
            plain, observed = _measured(notebook, options.python, options.rounds)
            is_late = observed.seconds > 1.3 * plain.seconds + 2
            missed = missed or is_late or observed.megabytes > 1.3 * plain.megabytes
            pairs = zip(Cost.__slots__, astuple(plain), astuple(observed), strict=True)
            told = [
                f"{what} {one:.1f} -> {other:.1f} ({other / one:.2f} times)" for what, one, other in pairs
            ]
            print(f"{notebook.name}: plain -> observed: {', '.join(told)}", flush=True)
    return int(missed)


def _large(folder: Path, gigabytes: float) -> Path:
    rows = int(gigabytes * 1e9 / 64)
    cells = [text.replace("{rows}", str(rows)) for text in LARGE]
    headed = tuple(part for n, cell in enumerate(cells) for part in (f"{MARKDOWN}## Part {n}", cell))
    path = folder / "large" / "large_frame.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps(as_notebook(headed)))
    return path


def _measured(notebook: Path, python: str, rounds: int) -> tuple[Cost, Cost]:
    """The medians of plain and observed runs of the pipeline."""
    with tempfile.TemporaryDirectory(prefix="overhead-") as place:
        target = Path(place) / "project"
        conversion.write(conversion.convert(notebook, target), target)
        project = read_project(target, notebook)
        cells = cells_of(project)
        names = sources.bound_anywhere(sources.trees(cells))
        with execution.scratch_of(notebook, target, reached=reached(cells, notebook)) as scratch:
            config = {"package": project.package, "names": sorted(names)}
            runs: dict[bool, list[Cost]] = {False: [], True: []}
            for is_observed in [False, True] * rounds:
                scratch.fresh()
                around = environment(scratch, Controls(), config, target)
                if not is_observed:
                    around = {**around, "PYTHONPATH": str(target)}
                    around.pop("NB2PIPE_PROOF")
                command = [python, "-m", project.package, "run", "--out", str(Path(place) / "out")]
                runs[is_observed].append(_run(command, scratch.folder, around, Path(place) / "cost.json"))
    return _median(runs[False]), _median(runs[True])


def _run(command: Sequence[str], folder: Path, around: Mapping[str, str], place: Path) -> Cost:
    words = [sys.executable, "-c", _MEASURE, str(place), *command]
    subprocess.run(words, cwd=folder, env=dict(around), check=True, stderr=subprocess.DEVNULL)
    code, *told = json.loads(place.read_text())
    assert code == 0, "the pipeline failed"
    return Cost(*told)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(*(statistics.median(getattr(one, field) for one in costs) for field in Cost.__slots__))


if __name__ == "__main__":
    sys.exit(main())
