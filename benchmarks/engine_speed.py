"""How long engines take beside the work: many short stages, and two long branches side by side on Ray.

The numbers count when the machine has nothing else to do.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from engine_trials import Made, Outcome, Row, Trial, row_of, succeeded
from notebook_grammar import MARKDOWN, as_notebook

from nb2pipe import engines

STAGES, SECONDS = 20, 10


def short_stages(trial: Trial, _: Sequence[Path]) -> Iterator[Row]:
    """Twenty stages of a millisecond: a stage on the engine, and one of `run` in the same environment."""
    with tempfile.TemporaryDirectory() as folder:
        yield row_of(trial, chain(Path(folder)), _short)


def _short(made: Made) -> Outcome:
    ours = min(_seconds(made.plain) for _ in range(3)) / STAGES
    isolated = _seconds(lambda: made.plain("--isolated")) / STAGES
    theirs = _seconds(made.on_engine) / STAGES
    said = f"{theirs:.3f} s a stage, `run` {ours:.3f} s, `run --isolated` {isolated:.3f} s"
    return f"{said}: {ours / theirs:.2f} times", ours < theirs / 2, 0


def side_by_side(trial: Trial, _: Sequence[Path]) -> Iterator[Row]:
    """Two branches of ten seconds, on a cluster that is there."""
    if trial.engine.name == "ray":
        with tempfile.TemporaryDirectory() as folder:
            yield row_of(trial, branches(Path(folder)), _branches)


def _branches(made: Made) -> Outcome:
    plain = _seconds(made.plain)
    run = engines.run_of(made.trial.engine, made.project, made.package)
    ray = [str(made.trial.venv / "bin" / "ray")]
    words = [*ray, "start", "--head", "--num-cpus", "2", "--include-dashboard=false"]
    succeeded(made.trial.start(words, made.project))
    try:
        command, around = [*run.command, "--jobs", "2"], {**run.environment, "RAY_ADDRESS": "auto"}
        took = [
            _seconds(lambda: succeeded(made.trial.start(command, made.project, **around))) for _ in range(3)
        ]
    finally:
        made.trial.start([*ray, "stop"], made.project)
    share = min(took) / plain
    return f"{min(took):.1f} s, one process {plain:.1f} s: {share:.2f} times", share < 0.6, 0


def _seconds(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def chain(folder: Path) -> Path:
    """A notebook of 20 stages that take a millisecond each."""
    cells = [("# Chain", "import time\nx = 0")]
    cells += [(f"## Step {one}", f"time.sleep(0.001)\nx = x + {one}\nprint(x)") for one in range(1, STAGES)]
    return _written(folder / "chain" / "chain.ipynb", cells)


def branches(folder: Path) -> Path:
    """A notebook with two independent branches of ten seconds."""
    cells = [("# Branches", f"import time\nn = {SECONDS * 10}")]
    for name in ("left", "right"):
        steps = f"for step in range(n):\n    time.sleep(0.1)\n    {name}.append(step)"
        cells.append((f"## {name.title()}", f"{name} = [0]\n{steps}"))
    cells.append(("## Both", "print(sum(left), sum(right))"))
    return _written(folder / "branches" / "branches.ipynb", cells)


def _written(path: Path, cells: Sequence[tuple[str, str]]) -> Path:
    every = tuple(one for title, code in cells for one in (f"{MARKDOWN}{title}", code))
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(as_notebook(every)), "utf-8")
    return path
