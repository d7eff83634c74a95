"""Whether scaffolded repositories pass their own checks in a fresh clone, and how fast their service answers.

python benchmarks/scaffold_matrix.py matrix [--python EXE] [--venv DIR] [--only NAME]     samples x {default, all}, each part for churn
python benchmarks/scaffold_matrix.py corpus NOTEBOOK... --python EXE [--venv DIR]           all parts, for notebooks that fit a model
python benchmarks/scaffold_matrix.py latency REPOSITORY                                     p99 over the bare predict call; a rollback under load
python benchmarks/scaffold_matrix.py mlflow REPOSITORY                                      versions in MLflow: promoted, fetched anew, rolled back

--venv names an environment that is used instead of one made from the network; without it `make setup` installs.
--keep names a folder in which the repositories stay. The repository's environment for `latency` and `mlflow` is its own .venv.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nb2pipe.scaffold import listed_parts

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ("churn", "text_classification", "time_series")
IDENTITY = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]


@dataclass(frozen=True, slots=True)
class Case:
    """One repository that is made."""

    name: str
    notebook: Path
    arguments: tuple[str, ...]


def matrix() -> Iterator[Case]:
    """Samples with nothing and with everything, and each part alone."""
    for name in SAMPLES:
        notebook = ROOT / "sample_notebooks" / name / f"{name}.ipynb"
        yield Case(f"{name}-default", notebook, ())
        yield Case(f"{name}-all", notebook, ("--all",))
    churn = ROOT / "sample_notebooks" / "churn" / "churn.ipynb"
    for part in listed_parts():
        yield Case(f"churn-{part}", churn, ("--with", part))


def tried(case: Case, options: argparse.Namespace, place: Path) -> str:
    """Make it, clone it, and run what it promises; "" where all pass."""
    made, clone = place / "made", place / "clone"
    command = [sys.executable, "-m", "nb2pipe", "scaffold", str(case.notebook), "-o", str(made), "-q"]
    command += [*case.arguments, *(["--python", options.python] if options.python else [])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not made.is_dir():
        return f"scaffold {done.returncode}: {_last(done.stderr)}"
    for words in (["init", "-q", str(made)], ["-C", str(made), "add", "-A"]):
        subprocess.run(["git", *words], check=True)
    subprocess.run(["git", *IDENTITY, "-C", str(made), "commit", "-qm", "begin"], check=True)
    subprocess.run(["git", "clone", "-q", str(made), str(clone)], check=True)
    if options.venv:
        (clone / ".venv").symlink_to(options.venv.absolute())
        (clone / ".venv" / ".ready").touch()
    for target in ("setup", "run", "test", "check"):
        done = subprocess.run(["make", target], cwd=clone, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"make {target}: {_last(done.stdout + done.stderr)}"
    return _left_out(made) if "--all" in case.arguments else ""


def _left_out(made: Path) -> str:
    """The parts that the run had nothing for."""
    (line,) = re.findall(r"^parts: (.+)$", (made / ".nb2pipe-answers.yaml").read_text("utf-8"), re.MULTILINE)
    left = sorted({*listed_parts()} - {*json.loads(line)})
    return f"passes, without {', '.join(left)}" if left else ""


@contextmanager
def place_of(case: Case, options: argparse.Namespace) -> Iterator[Path]:
    """A folder for the case; it goes, unless all are kept."""
    if options.keep:
        place = options.keep.absolute() / case.name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        yield place
    else:
        with tempfile.TemporaryDirectory(prefix="nb2pipe-") as name:
            yield Path(name)


def _last(text: str) -> str:
    failed = re.findall(r"^(?:FAILED|ERROR) (.+)$", text, re.MULTILINE)
    lines = text.strip().splitlines() or ["no word"]
    return "; ".join(failed) or lines[-1]


def run(cases: Iterator[Case], options: argparse.Namespace) -> int:
    """A line each, then the count."""
    passed = total = 0
    for case in cases:
        if options.only and options.only not in case.name:
            continue
        begun = time.monotonic()
        with place_of(case, options) as place:
            problem = tried(case, options, place)
        total += 1
        passed += not problem
        print(f"{case.name:24} {time.monotonic() - begun:5.0f} s  {problem or 'passes'}", flush=True)
    print(f"{passed} of {total}")
    return 0 if passed == total else 1


# Runs in the repository, with its own interpreter: one row at a time, in turns with the bare call.
_LATENCY = """
import http.client, importlib, json, statistics, sys, threading, time
import uvicorn
package = sys.argv[1]
load = lambda name: importlib.import_module(f"{package}.{name}")
registry = load("registry.versions").registry()
app = load("serving.app").create_app(registry)
server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False))
threading.Thread(target=server.run, daemon=True).start()
while not server.started:
    time.sleep(0.01)
client = http.client.HTTPConnection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
model = app.state.champion.loaded.model
rows = [one["row"] for one in registry.sample(registry.aliases()["champion"])]
ready = [model.features([row]) for row in rows]
bare, served = [], []
for number in range(1000):
    place = number % len(rows)
    body = json.dumps({"rows": [rows[place]]})
    begun = time.perf_counter()
    model.estimator.predict(ready[place])
    if model.classes is not None:
        model.estimator.predict_proba(ready[place])
    middle = time.perf_counter()
    client.request("POST", "/v1/predict", body, {"content-type": "application/json"})
    answer = client.getresponse()
    answer.read()
    served.append(time.perf_counter() - middle)
    bare.append(middle - begun)
    assert answer.status == 200
p99 = lambda times: sorted(times)[int(len(times) * 0.99)] * 1000
p50 = lambda times: statistics.median(times) * 1000
print(f"bare p50 {p50(bare):.2f} p99 {p99(bare):.2f} ms, served p50 {p50(served):.2f} p99 {p99(served):.2f} ms,"
      f" overhead p50 {p50(served) - p50(bare):.2f} p99 {p99(served) - p99(bare):.2f} ms")
"""


def latency(repository: Path) -> int:
    """The service against the bare call, then the drill that rolls back under load."""
    (package,) = (path.parent.name for path in repository.glob("*/pipeline.py"))
    python = str((repository / ".venv" / "bin" / "python").absolute())
    trained = [python, "-m", f"{package}.registry", "train", "--if-none"]
    subprocess.run(trained, cwd=repository, check=True, capture_output=True)
    words = [python, "-c", _LATENCY, package]
    environment = {**os.environ, "LOG_LEVEL": "WARNING"}
    subprocess.run(words, cwd=repository, check=True, env=environment)
    drill = [python, "-m", "pytest", "-q", "tests/test_serving.py", "-k", "under_load"]
    return subprocess.run(drill, cwd=repository, check=False).returncode


# Runs in the repository, with its own interpreter, which has mlflow.
_MLFLOW = """
import importlib, shutil, sys
package = sys.argv[1]
load = lambda name: importlib.import_module(f"{package}.registry.{name}")
registry, promoting = load("versions").registry(), load("promoting")
for _ in range(2):
    promoting.promote(registry, load("training").train(registry), "drill")
first, second = registry.ids()
assert registry.aliases() == {"champion": second, "previous": first}
shutil.rmtree(registry.folder)  # as on another machine
registry = load("versions").registry()
assert promoting.rollback(registry, "drill", "somebody") == first
assert registry.aliases() == {"champion": first, "previous": second}
assert [line["what"] for line in registry.log()] == ["promote", "promote", "rollback"]
print("mlflow: promoted, fetched, rolled back")
"""


def mlflow(repository: Path) -> int:
    """The registry's drill in a copy of the repository, with MLflow in a file beside it."""
    with tempfile.TemporaryDirectory(prefix="nb2pipe-") as name:
        copy = Path(name) / "repository"
        left_out = shutil.ignore_patterns(".venv", "models", "mlruns", "*.db")
        shutil.copytree(repository, copy, ignore=left_out)
        (package,) = (path.parent.name for path in copy.glob("*/pipeline.py"))
        environment = {**os.environ, "MODEL_STORE": f"mlflow:sqlite:///{name}/mlflow.db", "MPLBACKEND": "agg"}
        words = [str((repository / ".venv" / "bin" / "python").absolute()), "-c", _MLFLOW, package]
        return subprocess.run(words, cwd=copy, check=False, env=environment).returncode


def main() -> int:
    """0 all pass, 1 one does not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["matrix", "corpus", "latency", "mlflow"])
    parser.add_argument("places", nargs="*", type=Path)
    parser.add_argument("--python")
    parser.add_argument("--venv", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only")
    options = parser.parse_args()
    if options.what == "latency":
        return latency(options.places[0])
    if options.what == "mlflow":
        return mlflow(options.places[0])
    if options.what == "matrix":
        return run(matrix(), options)
    return run((Case(place.stem, place, ("--all",)) for place in options.places), options)


if __name__ == "__main__":
    sys.exit(main())
