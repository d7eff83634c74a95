"""How many notebooks are proved equal: converts each, proves it, and counts the verdicts.

python benchmarks/proof_rates.py FOLDER... --python main=EXE [--python old=EXE] [--repair] [--modes M,M] [--repeat N] [--json OUT]

A folder holds notebooks, flat (`case.ipynb`, the files it needs in `case.files/`) or each in a folder of its own that
a `manifest.jsonl` in it or beside it lists (`id`, `entry`, `venv`, `deterministic`). Results are kept in --json as
they come, and what stands there already is not done again.
"""

import argparse
import fnmatch
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forked_runs import Runner

from nb2pipe.errors import Nb2pipeError
from nb2pipe.execution import MODES
from nb2pipe.workflows import convert as conversion
from nb2pipe.workflows.convert_verified import convert_verified
from nb2pipe.workflows.proving import ProofWish
from nb2pipe.workflows.verify import verify

# Without matplotlib: a pipeline chooses its backend before it is imported.
_LOADED = (
    "numpy pandas scipy.stats scipy.optimize sklearn.linear_model sklearn.ensemble sklearn.model_selection"
    " sklearn.preprocessing sklearn.metrics sklearn.cluster sklearn.tree sklearn.neighbors sklearn.pipeline"
    " sklearn.naive_bayes sklearn.svm sklearn.decomposition sklearn.compose sklearn.impute"
).split()


@dataclass(frozen=True, slots=True)
class Case:
    """One notebook: the folder that is copied, and its place in there."""

    name: str
    folder: Path
    entry: Path
    python: str
    is_deterministic: bool


def main() -> int:
    """Prove, print a line each and the counts."""
    options = _options()
    pythons = dict(one.split("=", 1) for one in options.python)
    known = _known(options.json)
    runners = {exe: Runner(exe, _LOADED) for exe in set(pythons.values())} if options.forked else {}
    for case in _cases(options.folders, pythons, options.only):
        if case.name not in known:
            known[case.name] = _prove(case, options, runners.get(case.python))
            _keep(options.json, known)
            print(_line(case.name, known[case.name]), flush=True)
    print(_summary(known))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--python", action="append", required=True, metavar="NAME=EXE")
    parser.add_argument("--only", default="*", metavar="GLOB")
    parser.add_argument("--repair", action="store_true", help="convert --verify, not convert and verify")
    parser.add_argument(
        "--forked", action="store_true", help="fork the pipelines' processes, which is quicker"
    )
    parser.add_argument("--repeat", type=int, default=2, help="runs of each notebook")
    parser.add_argument("--modes", default=",".join(MODES), help="ways in which the pipeline runs")
    parser.add_argument("--timeout", type=float, default=1200)
    parser.add_argument("--json", type=Path, default=Path("proof_rates.json"))
    return parser.parse_args()


def _known(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _keep(path: Path, known: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(known, indent=1), encoding="utf-8")


def _cases(folders: list[Path], pythons: Mapping[str, str], only: str) -> Iterator[Case]:
    first = next(iter(pythons.values()))
    for folder in folders:
        listed = next((one for one in (folder, folder.parent) if (one / "manifest.jsonl").exists()), None)
        lines = (listed / "manifest.jsonl").read_text(encoding="utf-8").splitlines() if listed else []
        entries = [json.loads(line) for line in lines]
        for one in entries:
            place = folder / one["id"]
            if place.is_dir() and fnmatch.fnmatch(one["id"], only):
                python = pythons.get(one["venv"].removeprefix("venv-"), first)
                yield Case(one["id"], place, Path(one["entry"]), python, one.get("deterministic", True))
        for path in sorted(folder.glob("*.ipynb")) if not entries else ():
            if fnmatch.fnmatch(path.stem, only):
                yield Case(path.stem, path, Path(path.name), first, is_deterministic=True)


def _prove(case: Case, options: argparse.Namespace, runner: Runner | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="proof-") as place:
        work, project = Path(place) / "work", Path(place) / "project"
        _copy(case, work)
        notebook = work / case.entry
        proof = ["--python", case.python, "--format", "json", "--quiet", "--repeat", str(options.repeat)]
        proof += ["--modes", options.modes]
        convert = ["convert", str(notebook), "-o", str(project)]
        started = time.monotonic()
        if runner is not None:
            found = _forked(notebook, project, case, options, runner)
        elif options.repair:
            found = _answer(_nb2pipe([*convert, "--verify", *proof], options.timeout))
        else:
            done = _nb2pipe([*convert, "--python", case.python, "--quiet"], options.timeout)
            if done.returncode == 0:
                done = _nb2pipe(["verify", str(project), *proof], options.timeout)
            found = _answer(done)
        told = {"deterministic": case.is_deterministic, "took": round(time.monotonic() - started, 1)}
        return {"stages": _stages(project), **found, **told}


def _forked(
    notebook: Path, project: Path, case: Case, options: argparse.Namespace, runner: Runner
) -> dict[str, Any]:
    """The same, with forks for the pipeline's processes."""
    modes = tuple(options.modes.split(","))
    proof = ProofWish(python=case.python, modes=modes, start=runner.start, repeats=options.repeat)
    try:
        if options.repair:
            proved = convert_verified(notebook, project, proof=proof)
            return {**proved.verdict.as_json(), "stages": len(proved.converted.plan.stages)}
        conversion.write(conversion.convert(notebook, project), project)
        return verify(project, notebook, proof).as_json()
    except Nb2pipeError as error:
        return {"verdict": f"exit {error.exit_code}", "error": str(error)}


def _copy(case: Case, work: Path) -> None:
    if case.folder.is_dir():
        shutil.copytree(case.folder, work)
        return
    work.mkdir()
    shutil.copy(case.folder, work)
    files = case.folder.with_suffix(".files")
    if files.is_dir():
        shutil.copytree(files, work, dirs_exist_ok=True)


def _nb2pipe(words: list[str], timeout: float) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nb2pipe", *words]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, "", f"not done after {timeout:g} s")


def _answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    try:
        return dict(json.loads(done.stdout))
    except ValueError:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        return {"verdict": f"exit {done.returncode}", "error": last}


def _stages(project: Path) -> int:
    try:
        return len(json.loads((project / "nb2pipe.lock").read_text(encoding="utf-8"))["stages"])
    except (OSError, ValueError, KeyError):
        return 0


def _line(name: str, one: Mapping[str, Any]) -> str:
    head = f"{one['verdict']:15} {one.get('coverage', 0):6.1%} {one['stages']:3} stages {one['took']:6.1f} s  {name}"
    words = [one["error"]] if "error" in one else []
    form = "{what} {name} cell {cell} {mode}: {notebook!r} / {pipeline!r}"
    words += [form.format(**difference) for difference in one.get("differences", ())[:3]]
    reasons = Counter(f"{left['what']}: {left['reason']}" for left in one.get("not_compared", ()))
    words += [f"{count} x not compared {reason}" for reason, count in reasons.most_common(3)]
    words += [
        f"{repair['what']} {', '.join(repair['stages'])}: {repair['because']}"
        for repair in one.get("repairs", ())
    ]
    return "\n".join([head, *(f"                  {word[:230]}" for word in words)])


def _summary(known: Mapping[str, Any]) -> str:
    lines = []
    for words, wanted in (("deterministic", True), ("not deterministic", False)):
        verdicts = Counter(one["verdict"] for one in known.values() if one["deterministic"] is wanted)
        runnable = sum(verdicts.values()) - verdicts["notebook-fails"]
        rate = f"{verdicts['equal'] / runnable:.1%} of {runnable}" if runnable else "none"
        lines.append(f"{words}: proved equal {rate}; {dict(verdicts)}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
