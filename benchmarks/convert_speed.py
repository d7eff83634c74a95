"""Time `nb2pipe convert` against `jupytext --to py:percent` on generated notebooks, in the same run.

The two commands take turns, each as a new process, so that a busy machine slows both. Nothing is kept between
runs: every conversion writes into an empty folder.
"""

import argparse
import compileall
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nb2pipe

# code cells -> how many times jupytext's wall time the conversion may take
TARGETS = {50: 1.0, 500: 1.0, 5000: 2.5}
SEED = 20240506

PREPARE = """\
df_{n} = pd.read_csv("data_{n}.csv", parse_dates=["day"])
df_{n}.columns = [column.strip().lower() for column in df_{n}.columns]
df_{n}.head()
"""
CLEAN = """\
# the sensor reports -1 when it is off
df_{p}.loc[df_{p}["value"] < 0, "value"] = np.nan
df_{p}["value"] = df_{p}["value"].fillna(df_{p}["value"].median())
df_{p}.drop(columns=["comment"], inplace=True, errors="ignore")
print(len(df_{p}), "rows of {n}")
"""
FUNCTION = '''\
def weekly_{n}(frame, column="value", limit=LIMIT):
    """Mean of each week, without the weeks that have too few days."""
    groups = frame.groupby(frame["day"].dt.isocalendar().week)[column]
    return groups.mean()[groups.count() > limit]
'''
LOOP = """\
results_{n} = []
for column in ["value", "price"]:
    for size in range(3, 9):
        mean = df_{p}[column].rolling(size).mean()
        results_{n}.append({{"column": column, "size": size, "error": float((df_{p}[column] - mean).abs().mean())}})
pd.DataFrame(results_{n}).sort_values("error").head(3)
"""
MODEL = """\
X_train, X_test, y_train, y_test = train_test_split(df_{p}[["value", "price"]], df_{p}["label"], test_size=TEST_SIZE)
model_{n} = LogisticRegression(C=0.3, max_iter=500).fit(X_train, y_train)
print(f"accuracy {{model_{n}.score(X_test, y_test):.3f}}")
"""
PLOT = """\
fig, ax = plt.subplots(figsize=(6, 3))
ax.plot(df_{p}["day"], df_{p}["value"], label="value {n}")
ax.set_title("Part {n}")
ax.legend()
plt.show()
"""
SHORT = 'total_{n} = df_{p}["value"].sum()\ntotal_{n}\n'
MAGIC = '%time order_{n} = df_{p}.sort_values("price")\n!ls data_{n}.csv\n'
KINDS = [PREPARE, CLEAN, FUNCTION, LOOP, MODEL, PLOT, SHORT, MAGIC]
WEIGHTS = [2, 4, 1, 2, 1, 2, 6, 1]
HEAD = """\
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

%matplotlib inline
LIMIT = 4
TEST_SIZE = 0.25
"""


def code_cells(count: int, rng: random.Random) -> Iterator[str]:
    """The sources of a notebook that works on one frame after another."""
    yield HEAD
    yield PREPARE.format(n=1, p=1)
    frame = 1
    for number in range(2, count):
        kind = rng.choices(KINDS, WEIGHTS)[0]
        if kind is PREPARE:
            frame = number
        yield kind.format(n=number, p=frame)


def cell(kind: str, number: int, source: str) -> dict[str, object]:
    """One cell as nbformat 4.5 has it."""
    body: dict[str, object] = {"cell_type": kind, "id": f"{kind[0]}{number}", "metadata": {}}
    body["source"] = source.rstrip("\n").splitlines(keepends=True)
    if kind == "code":
        body |= {"execution_count": number, "outputs": []}
    return body


def notebook(count: int) -> str:
    """The JSON of a notebook with so many code cells, and a heading before every eighth."""
    cells = []
    for number, source in enumerate(code_cells(count, random.Random(SEED)), 1):
        if number % 8 == 1:
            cells.append(
                cell("markdown", number, f"## Part {number}\nWhat the frame tells in part {number}.")
            )
        cells.append(cell("code", number, source))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1)


def compile_package() -> None:
    """Do what pip does when it installs a package, and did for the other tool: an editable one is not compiled."""
    compileall.compile_dir(Path(nb2pipe.__file__).parent, quiet=1)


def timed(command: list[str], folder: Path) -> float:
    """Seconds of wall time that a command took; it must succeed."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return seconds


def measure(count: int, repeats: int, folder: Path) -> list[tuple[float, float]]:
    """Pairs of seconds (nb2pipe, jupytext), taken in turns."""
    (folder / "bench.ipynb").write_text(notebook(count), encoding="utf-8")
    ours = [sys.executable, "-m", "nb2pipe", "convert", "bench.ipynb", "-o", "out"]
    theirs = [sys.executable, "-m", "jupytext", "--to", "py:percent", "bench.ipynb", "-o", "out.py"]
    pairs = []
    for _ in range(repeats):
        shutil.rmtree(folder / "out", ignore_errors=True)
        (folder / "out.py").unlink(missing_ok=True)
        pairs.append((timed(ours, folder), timed(theirs, folder)))
    return pairs


def report(count: int, pairs: list[tuple[float, float]]) -> bool:
    """Print one line; whether the target is reached by the medians."""
    ours, theirs = zip(*pairs, strict=True)
    best = min(ours) / min(theirs)
    middle = statistics.median(ours) / statistics.median(theirs)
    target = TARGETS.get(count)
    reached = target is None or middle <= target
    verdict = "" if target is None else f"  target {target:.1f}  {'reached' if reached else 'MISSED'}"
    print(
        f"{count:6d} cells  nb2pipe {statistics.median(ours):7.2f} s  jupytext {statistics.median(theirs):7.2f} s"
        f"  ratio min {best:5.2f}  median {middle:5.2f}{verdict}",
        flush=True,
    )
    return reached


def main() -> None:
    """Measure every size; exit 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, nargs="+", default=list(TARGETS), help="numbers of code cells")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each command")
    parser.add_argument("--write", type=Path, help="only write the notebooks into this folder")
    options = parser.parse_args()
    if options.write:
        options.write.mkdir(parents=True, exist_ok=True)
        for count in options.cells:
            (options.write / f"bench_{count}.ipynb").write_text(notebook(count), encoding="utf-8")
        return
    compile_package()
    reached = []
    for count in options.cells:
        with tempfile.TemporaryDirectory() as scratch:
            reached.append(report(count, measure(count, options.repeats, Path(scratch))))
    sys.exit(0 if all(reached) else 1)


if __name__ == "__main__":
    main()
