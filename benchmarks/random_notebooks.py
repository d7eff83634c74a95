"""Convert random notebooks and compare what notebook and pipeline print; reduce those that differ.

python benchmarks/random_notebooks.py --python EXE [--count 2000] [--first SEED] [--verify-every N] [--keep DIR] [--json OUT]

The notebooks come from notebook_grammar.py. Notebook and pipeline run in forked children of one process
(quick_runs.py), in one process and with every stage in its own; every N-th is proved by `nb2pipe verify` in a real
kernel as well. A notebook that differs is reduced by delta debugging and kept.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import notebook_productions  # noqa: F401  (registers the productions)
from forked_runs import Runner
from notebook_grammar import MARKDOWN, PRODUCTIONS, as_notebook, write_notebook

from nb2pipe.errors import RefusedError
from nb2pipe.verification import printed
from nb2pipe.workflows import convert as conversion
from nb2pipe.workflows.proving import ProofWish
from nb2pipe.workflows.verify import verify

WAYS: dict[str, list[str]] = {"in-process": [], "isolated": ["--isolated"]}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one notebook: equal, differs, crashes, timeout, refused, notebook-fails."""

    status: str
    detail: str = ""
    stages: int = 0


@contextmanager
def scratch() -> Iterator[Path]:
    """A new folder for one notebook."""
    place = Path(tempfile.mkdtemp(prefix="random-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def judge(cells: Sequence[str], runner: Runner) -> Outcome:
    """Run the notebook and its pipeline both ways."""
    with scratch() as place:
        folder = place / "work"
        reference = runner.ask(
            notebook=[one for one in cells if not one.startswith(MARKDOWN)], folder=_fresh(folder)
        )
        if reference["code"] != 0:
            return Outcome("notebook-fails", _last(reference["stderr"] or reference["stdout"]))
        try:
            package, stages = _convert(cells, place)
        except RefusedError as error:
            return Outcome("refused", str(error))
        for way, arguments in WAYS.items():
            words = ["run", *arguments, "--out", str(place / f"out-{way}")]
            got = runner.ask(
                package=package, project=str(place / "project"), arguments=words, folder=_fresh(folder)
            )
            if got["code"] != 0:
                status = "timeout" if got["code"] == -1 else "crashes"
                return Outcome(status, f"{way}: {_last(got['stderr'])}", stages)
            parting = _parting(reference["stdout"], got["stdout"])
            if parting:
                return Outcome("differs", f"{way}: {parting}", stages)
        return Outcome("equal", "", stages)


def _fresh(folder: Path) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return str(folder)


def _convert(cells: Sequence[str], place: Path) -> tuple[str, int]:
    source = place / "source"
    source.mkdir(exist_ok=True)
    path = source / "random_case.ipynb"
    path.write_text(json.dumps(as_notebook(tuple(cells))), encoding="utf-8")
    shutil.rmtree(place / "project", ignore_errors=True)
    converted = conversion.convert(path, place / "project")
    conversion.write(converted, place / "project")
    return converted.plan.package, len(converted.plan.stages)


def _parting(wanted: str, got: str) -> str:
    ones, others = (printed.normal(text).split("\n") for text in (wanted, got))
    for number in range(max(len(ones), len(others))):
        one = ones[number] if number < len(ones) else "<end>"
        other = others[number] if number < len(others) else "<end>"
        if one != other:
            return f"line {number + 1}: notebook {one[:150]!r}, pipeline {other[:150]!r}"
    return ""


def _last(text: str) -> str:
    return ([line for line in text.splitlines() if line.strip()] or [""])[-1][:300]


# -- making it smaller --------------------------------------------------------------------------------------------------------


def reduced(cells: Sequence[str], fails: Callable[[Sequence[str]], bool]) -> list[str]:
    """The smallest cells found that still fail: cells first, then their lines (delta debugging)."""
    kept = _without_chunks(list(cells), fails)
    for place in range(len(kept)):
        before, after = kept[:place], kept[place + 1 :]

        def still(lines: Sequence[str], before: list[str] = before, after: list[str] = after) -> bool:
            return fails([*before, "\n".join(lines), *after])

        kept[place] = "\n".join(_without_chunks(kept[place].split("\n"), still))
    return [cell for cell in kept if cell.strip()]


def _without_chunks(parts: list[str], fails: Callable[[Sequence[str]], bool]) -> list[str]:
    size = max(1, len(parts) // 2)
    while True:
        place = 0
        while place < len(parts):
            fewer = parts[:place] + parts[place + size :]
            if len(parts) > 1 and fails(fewer):
                parts = fewer
            else:
                place += size
        if size == 1:
            return parts
        size //= 2


# -- all of them --------------------------------------------------------------------------------------------------------------


def main() -> int:
    """Run, print what is not equal, and the counts."""
    options = _options()
    runner = Runner(options.python)
    counts: Counter[str] = Counter()
    used: Counter[str] = Counter()
    proofs: Counter[str] = Counter()
    odd: list[dict[str, Any]] = []
    for seed in range(options.first, options.first + options.count):
        written = write_notebook(seed)
        outcome = judge(written.cells, runner)
        counts[outcome.status] += 1
        counts["stages"] += outcome.stages
        used += written.used
        if outcome.status not in ("equal", "refused"):
            odd.append({"seed": seed, "status": outcome.status, "detail": outcome.detail})
            print(f"{seed:6} {outcome.status:15} {outcome.detail}", flush=True)
            _keep(written.cells, outcome, seed, runner, options)
        if options.verify_every and seed % options.verify_every == 0 and outcome.status != "refused":
            verdict = _verdict(written.cells, options.python, runner)
            proofs[f"{outcome.status}, proof {verdict}"] += 1
        if seed % 25 == 0 and options.json:
            _save(options.json, counts, used, proofs, odd)
    runner.close()
    print(_summary(counts, used, proofs))
    if options.json:
        _save(options.json, counts, used, proofs, odd)
    return int(bool(counts["differs"]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--python", required=True, metavar="EXE", help="has IPython, numpy, pandas, matplotlib"
    )
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--verify-every", type=int, default=0, metavar="N")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="reduced notebooks that differ")
    parser.add_argument("--json", type=Path, metavar="OUT")
    return parser.parse_args()


def _keep(
    cells: Sequence[str], outcome: Outcome, seed: int, runner: Runner, options: argparse.Namespace
) -> None:
    if options.keep is None or outcome.status == "timeout":
        return
    small = reduced(cells, lambda fewer: judge(fewer, runner).status == outcome.status)
    options.keep.mkdir(parents=True, exist_ok=True)
    path = options.keep / f"{outcome.status}_{seed}.ipynb"
    path.write_text(json.dumps(as_notebook(tuple(small)), indent=1), encoding="utf-8")


def _verdict(cells: Sequence[str], python: str, runner: Runner) -> str:
    with scratch() as place:
        _convert(cells, place)
        notebook = place / "source" / "random_case.ipynb"
        return verify(place / "project", notebook, ProofWish(python=python, start=runner.start)).verdict


def _save(path: Path, counts: Counter[str], used: Counter[str], proofs: Counter[str], odd: list[Any]) -> None:
    told = {"counts": counts, "productions": used, "proofs": proofs, "odd": odd}
    path.write_text(json.dumps(told, indent=1), encoding="utf-8")


def _summary(counts: Counter[str], used: Counter[str], proofs: Counter[str]) -> str:
    counts = counts.copy()
    stages = counts.pop("stages", 0)
    total = sum(counts.values())
    lines = [
        f"{total} notebooks: " + ", ".join(f"{count} {status}" for status, count in counts.most_common())
    ]
    lines.append(f"{stages / max(1, total):.1f} stages each")
    lines.append(f"equal {counts['equal'] / max(1, total - counts['refused']):.2%} of those not refused")
    lines += [f"{count} {words}" for words, count in proofs.most_common()]
    every = sum(used.values())
    lines += [f"  {used[one.name]:6} {used[one.name] / every:6.2%}  {one.name}" for one in PRODUCTIONS]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
