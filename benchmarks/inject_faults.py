"""Put faults into generated projects and ask the proof: every fault that changes something must be found.

python benchmarks/inject_faults.py --python EXE [--faults 300] [--rewrites 100] [--edits 50] [--first SEED] [--json OUT]

A run that was stopped goes on with what --json holds.

The projects come from random notebooks. Whether a fault changes something is asked elsewhere (observed_by_pickle.py):
what the changed pipeline prints, writes and holds in its stages, against the unchanged one. Each kind gets its share.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import notebook_productions  # noqa: F401  (registers the productions)
from forked_runs import Runner
from notebook_grammar import PRODUCTIONS, as_notebook, write_notebook
from project_faults import EDITS, FAULTS, REWRITES, Change, Maker, changes

from nb2pipe import execution
from nb2pipe.errors import RefusedError
from nb2pipe.verification import Verdict
from nb2pipe.workflows import convert as conversion
from nb2pipe.workflows.inputs import every_input
from nb2pipe.workflows.lock import Project, cells_of, read_project
from nb2pipe.workflows.proving import ProofWish, Prover, place_of

OF_PARAMETERS = frozenset({"stale_cache", "wrong_default"})  # kinds that need a parameter
OTHER_INPUTS = frozenset({"stale_cache"})  # kinds that only other inputs can show
LEAST, MOST = 0.03, 0.15  # the share that each kind has among the faults, and that none has more of
_RUNS: Mapping[str, tuple[str, ...]] = {"stale_cache": ("isolated", "cache")}


@dataclass(frozen=True, slots=True)
class Subject:
    """A converted notebook, with what it takes to prove it."""

    seed: int
    project: Project
    files: dict[str, str]
    home: Path
    setting: str  # another value of its first parameter, "" without one


class Bench:
    """Counts what was found, subject after subject."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.kinds = options.kinds.split(",")
        self.runner = Runner(options.python)
        self.python = execution.interpreter(options.python)
        self.found: Counter[str] = Counter()
        self.silent: Counter[str] = Counter()
        self.missed: list[dict[str, Any]] = []
        self.fine: Counter[str] = Counter()
        self.alarmed: list[dict[str, Any]] = []
        self.unproved: list[int] = []  # projects that are not proved equal as they are
        self.next = options.first
        if options.json and options.json.exists():
            self._go_on(json.loads(options.json.read_text(encoding="utf-8")))

    def _go_on(self, known: Mapping[str, Any]) -> None:
        """Begin where an earlier run ended."""
        self.found, self.silent, self.fine = (Counter(known[key]) for key in ("found", "silent", "fine"))
        self.missed, self.alarmed, self.unproved = known["missed"], known["alarmed"], known["unproved"]
        self.next = known["next"]

    @property
    def faults(self) -> int:
        """Observable faults so far."""
        return self.found.total() + len(self.missed)

    def is_done(self) -> bool:
        """Whether there is enough of everything."""
        wanted = self.options
        edits = sum(self.fine[kind] for kind in EDITS)
        rewrites = sum(self.fine[kind] for kind in REWRITES)
        is_enough = self.faults >= wanted.faults and rewrites >= wanted.rewrites and edits >= wanted.edits
        return bool(is_enough and not any(self._is_rare(kind) for kind in self.kinds))

    def _tried(self, kind: str) -> int:
        return int(self.found[kind] + sum(one["kind"] == kind for one in self.missed))

    def _is_rare(self, kind: str) -> bool:
        """Whether a kind still has less than its share."""
        return bool(self._tried(kind) < LEAST * max(self.faults, self.options.faults))

    def can_use(self, subject: Subject) -> bool:
        """Whether a project may show what is still lacking; it costs little to make another."""
        lacks_parameters = any(self._is_rare(kind) for kind in OF_PARAMETERS.intersection(self.kinds))
        return bool(subject.setting) or not lacks_parameters

    def _asked(self) -> dict[str, Maker]:
        """The faults that are tried on the next project: those that have their share are left out."""
        if self.faults >= self.options.faults:
            return {kind: FAULTS[kind] for kind in self.kinds if self._is_rare(kind)}
        most = MOST * self.options.faults
        return {kind: FAULTS[kind] for kind in self.kinds if self._tried(kind) < most}

    def take(self, subject: Subject) -> None:
        """Try some changes of each table on one project."""
        rng = random.Random(subject.seed)
        with execution.scratch_of(subject.project.notebook, subject.project.folder) as scratch:
            prover = self._prover(subject, scratch, ())
            if not self._prove(subject, subject.files, prover, "").is_equal:
                self.unproved.append(subject.seed)
                return
            plain = self._observed(subject, subject.files, ())
            for change in self._chosen(self._asked(), subject, rng, 20):
                if change.kind in OTHER_INPUTS:
                    self._try_stale(subject, change, scratch)
                elif self._observed(subject, _changed(subject, change), ()) == plain:
                    self.silent[change.kind] += 1
                else:
                    self._try_fault(subject, change, prover)
            for change in self._harmless(subject, rng):
                self._try_rewrite(subject, change, prover)

    def _harmless(self, subject: Subject, rng: random.Random) -> list[Change]:
        """Changes that change nothing, as long as there are not enough of them."""
        wanted = self.options
        rewrites = 7 if sum(self.fine[kind] for kind in REWRITES) < wanted.rewrites else 0
        edits = 4 if sum(self.fine[kind] for kind in EDITS) < wanted.edits else 0
        return [*self._chosen(REWRITES, subject, rng, rewrites), *self._chosen(EDITS, subject, rng, edits)]

    def _prover(self, subject: Subject, scratch: execution.Scratch, settings: tuple[str, ...]) -> Prover:
        wish = ProofWish(
            python=self.options.python, timeout=20, repeats=1, settings=settings, start=self.runner.start
        )
        every = every_input(subject.project.notebook, cells_of(subject.project), wish)
        return Prover(every, place_of(scratch, self.python, wish), wish)

    def _try_stale(self, subject: Subject, change: Change, scratch: execution.Scratch) -> None:
        """Only another input shows it: the proof is asked with one."""
        is_dear = self._tried(change.kind) > 0.05 * self.options.faults  # two more runs of the notebook
        if not subject.setting or is_dear:
            return
        if self._is_stale(subject, _changed(subject, change)):
            self._try_fault(subject, change, self._prover(subject, scratch, (subject.setting,)))
        else:
            self.silent[change.kind] += 1

    def _chosen(
        self, table: Mapping[str, Maker], subject: Subject, rng: random.Random, count: int
    ) -> list[Change]:
        """Changes of this project, two of a kind at most (four of a rare one), those kinds first that were tried least."""
        known = self.found + self.silent + self.fine
        kinds: Counter[str] = Counter()
        chosen = []
        for change in changes(table, subject.files, subject.project.package, rng):
            kinds[change.kind] += 1
            if kinds[change.kind] <= (4 if change.kind in FAULTS and self._is_rare(change.kind) else 2):
                chosen.append(change)
        return sorted(chosen, key=lambda one: known[one.kind])[:count]

    def _try_fault(self, subject: Subject, change: Change, prover: Prover) -> None:
        verdict = self._prove(subject, _changed(subject, change), prover, change.kind)
        if verdict.verdict == "different":
            self.found[change.kind] += 1
        else:
            told = {"seed": subject.seed, "kind": change.kind, "path": change.path, "what": change.what}
            self.missed.append({**told, "verdict": verdict.verdict})
            print("MISSED", self.missed[-1], flush=True)

    def _try_rewrite(self, subject: Subject, change: Change, prover: Prover) -> None:
        verdict = self._prove(subject, _changed(subject, change), prover, change.kind)
        self.fine[change.kind] += 1
        if verdict.verdict == "different":
            told = {"seed": subject.seed, "kind": change.kind, "path": change.path, "what": change.what}
            self.alarmed.append({**told, "difference": verdict.differences[0].as_json()})
            print("ALARM", self.alarmed[-1], flush=True)

    def _prove(self, subject: Subject, files: Mapping[str, str], prover: Prover, kind: str) -> Verdict:
        folder = subject.home / "changed"
        _lay_out(files, folder)
        return prover.prove(replace(subject.project, folder=folder), _RUNS.get(kind, ("in-process",)))

    def _observed(
        self, subject: Subject, files: Mapping[str, str], arguments: tuple[str, ...]
    ) -> dict[str, Any]:
        """What a run does, told by other means than the proof's."""
        folder, work, told = subject.home / "observed", subject.home / "work", subject.home / "told.json"
        _lay_out(files, folder)
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        told.unlink(missing_ok=True)
        words = ["run", *arguments, "--out", str(subject.home / "out")]
        ended = self.runner.ask(package=subject.project.package, project=str(folder), arguments=words,
                                folder=str(work), observe=str(told))  # fmt: skip
        state = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
        written = {
            str(path.relative_to(work)): path.read_text() for path in work.rglob("*") if path.is_file()
        }
        return {"code": ended["code"], "stdout": ended["stdout"], "written": written, "state": state}

    def _is_stale(self, subject: Subject, files: Mapping[str, str]) -> bool:
        """Whether a run with another parameter, after one without, is not what it is alone."""
        fresh = self._observed(subject, subject.files, ("--set", subject.setting))
        folder = subject.home / "stale"
        _lay_out(files, folder)
        work = subject.home / "work"
        ended: dict[str, Any] = {}
        for arguments in ([], ["--set", subject.setting]):
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            words = ["run", "--isolated", "--cache", *arguments, "--out", str(subject.home / "out-stale")]
            ended = self.runner.ask(
                package=subject.project.package, project=str(folder), arguments=words, folder=str(work)
            )
        return bool(ended["stdout"] != fresh["stdout"])


def _changed(subject: Subject, change: Change) -> dict[str, str]:
    return {**subject.files, change.path: change.text}


def _lay_out(files: Mapping[str, str], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _with_aliases() -> None:
    """Let the notebooks have more aliases, for the faults that break one."""
    for place, one in enumerate(PRODUCTIONS):
        if one.name.startswith("alias_"):
            PRODUCTIONS[place] = replace(one, weight=4 * one.weight)


def _subjects(first: int) -> Iterator[Subject]:
    """Converted random notebooks that have function stages."""
    seed = first
    while True:
        with tempfile.TemporaryDirectory(prefix="faults-") as place:
            home = Path(place)
            (home / "source").mkdir()
            notebook = home / "source" / "random_case.ipynb"
            notebook.write_text(json.dumps(as_notebook(write_notebook(seed).cells)), encoding="utf-8")
            try:
                converted = conversion.convert(notebook, home / "project")
            except RefusedError:
                continue
            finally:
                seed += 1
            conversion.write(converted, home / "project")
            numbers = [one for one in converted.plan.parameters if isinstance(one.value, int)]
            setting = f"{numbers[0].name}={int(numbers[0].value or 0) + 3}" if numbers else ""
            project = read_project(home / "project", notebook)
            yield Subject(seed - 1, project, dict(converted.tree), home, setting)


def main() -> int:
    """Until there is enough of everything, print what went wrong and the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", required=True, metavar="EXE")
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--rewrites", type=int, default=100)
    parser.add_argument("--edits", type=int, default=50)
    parser.add_argument("--kinds", default=",".join(FAULTS), metavar="K,K", help="only these faults")
    parser.add_argument("--first", type=int, default=100_001)
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    _with_aliases()
    bench = Bench(options)
    for subject in _subjects(bench.next):
        if not bench.can_use(subject):
            continue
        bench.take(subject)
        bench.next = subject.seed + 1
        if options.json:
            options.json.write_text(json.dumps(_told(bench), indent=1), encoding="utf-8")
        if bench.is_done():
            break
    bench.runner.close()
    print(_summary(bench))
    return int(bool(bench.missed or bench.alarmed))


def _told(bench: Bench) -> dict[str, Any]:
    return {"found": bench.found, "silent": bench.silent, "missed": bench.missed,
            "fine": bench.fine, "alarmed": bench.alarmed, "unproved": bench.unproved, "next": bench.next}  # fmt: skip


def _summary(bench: Bench) -> str:
    missed = Counter(one["kind"] for one in bench.missed)
    total = max(1, bench.faults)
    lines = [f"{bench.faults} faults that change something, found {bench.found.total() / total:.2%}"]
    for kind in FAULTS:
        count = bench.found[kind] + missed[kind]
        lines.append(
            f"  {kind:22} {count:5} ({count / total:.1%})  missed {missed[kind]}, changed nothing {bench.silent[kind]}"
        )
    lines.append(f"{bench.fine.total()} changes that change nothing, called different {len(bench.alarmed)}")
    lines += [f"  {kind:22} {bench.fine[kind]:5}" for kind in {**REWRITES, **EDITS}]
    lines.append(f"left out, since not proved equal as they are: {bench.unproved}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
