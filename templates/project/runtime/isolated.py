"""The processes of a run: each runs a stage and stores the state for the next.

A process that has stored its state waits until the next one has loaded it. If that
fails, it goes on with the next stage itself: then nothing has to be loaded.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import ambient, run_folder
from .parameters import UsageError
from .runner import Pipeline, Session, progress
from .storage import UnstorableError
from .store import Keeper, Store, write_text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from .run_folder import RunFolder

_SEED = "PYTHONHASHSEED"
_ADDED_SEED = "PIPELINE_ADDED_HASHSEED"
_NOT_LOADED = 75  # exit code of a process that could not load the state


class Talk:
    """What parent and child tell each other, a line of JSON at a time."""

    def __init__(self, reading: int, writing: int) -> None:
        os.set_inheritable(reading, False)
        os.set_inheritable(writing, False)
        self._reading = open(reading, encoding="utf-8")  # noqa: SIM115
        self._writing = writing

    def say(self, what: Any) -> None:
        """Tell the other side."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._writing, f"{json.dumps(what)}\n".encode())

    def hear(self) -> Any:
        """What the other side says next; None when it is gone."""
        line = self._reading.readline()
        return json.loads(line) if line else None

    def close(self) -> None:
        """End the talk."""
        self._reading.close()
        os.close(self._writing)


# -- in the child ----------------------------------------------------------------------


def run_one(
    pipeline: Pipeline, values: Mapping[str, Any], options: argparse.Namespace
) -> int:
    """Run one stage with the state of the stage before, and store the state after it."""
    job = json.loads(options.job) if options.job else {}
    talk = Talk(*job["talk"]) if job.get("talk") else None
    folder = Path(options.store).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    _share_seed(folder, pipeline)
    if job:
        known = json.loads((folder / "begin.json").read_text("utf-8"))
        values = known["values"]
        ambient.set_surroundings(known["surroundings"])
    index = pipeline.stages.index(pipeline.stage(options.name))
    store = Store(folder, pipeline)
    state = store.read(index - 1) if index else None
    if index and state is None:
        raise UsageError(
            f"stage {options.name} needs the state after stage"
            f" {pipeline.stages[index - 1].name}: run that first"
        )
    shown = Path(options.out).absolute() if options.out else folder / "shown"

    def make() -> Path:
        shown.mkdir(parents=True, exist_ok=True)
        return shown

    with Session(pipeline, values, make) as session:
        keeper = Keeper(session, store)
        try:
            keeper.begin(state)
            keeper.load_for(pipeline.stages[index])
        except Exception as error:
            if talk is None or index == 0:
                raise
            talk.say({"unloaded": f"{type(error).__name__}: {error}"})
            return _NOT_LOADED
        if talk is None:
            return _run_alone(keeper, index)
        talk.say({"loaded": True})
        return _run_on(keeper, index, talk, job.get("only", False))


def _run_alone(keeper: Keeper, index: int) -> int:
    """Run one stage for an engine."""
    pipeline = keeper.pipeline
    stage = pipeline.stages[index]
    keeper.session.run(stage)
    sys.stdout.flush()
    if index + 1 == len(pipeline.stages):
        return 0
    try:
        keeper.save(index)
    except UnstorableError as error:
        keeper.store.forget(index)
        following = pipeline.stages[index + 1].name
        print(
            f"{pipeline.package}: {error} does not survive storing:"
            f" fuse the stages {stage.name} and {following}",
            file=sys.stderr,
        )
        return 1
    return 0


def _run_on(keeper: Keeper, index: int, talk: Talk, only: bool) -> int:
    """Run a stage, and those after it that cannot have a process of their own."""
    pipeline = keeper.pipeline
    while True:
        begun = time.monotonic()
        keeper.session.run(pipeline.stages[index])
        sys.stdout.flush()
        seconds = round(time.monotonic() - begun, 3)
        progress(pipeline, index + 1, pipeline.stages[index], seconds)
        report = {"stage": pipeline.stages[index].name, "seconds": seconds}
        if only or index + 1 == len(pipeline.stages):
            talk.say({"last": index, "report": report})
            return 0
        try:
            keeper.save(index)
        except UnstorableError as error:
            report["joined"] = str(error)
        except Exception as error:  # noqa: BLE001
            report["joined"] = f"the state ({type(error).__name__}: {error})"
        else:
            talk.say({"stored": index, "report": report})
            answer = talk.hear()
            if not answer or "go on" not in answer:
                return 0
            report["joined"] = answer["go on"]
        keeper.store.forget(index)
        _say_joined(pipeline, index, report["joined"])
        talk.say({"joined": index, "report": report})
        index += 1
        keeper.load_for(pipeline.stages[index])


def _say_joined(pipeline: Pipeline, index: int, reason: str) -> None:
    stage, following = pipeline.stages[index], pipeline.stages[index + 1]
    print(
        f"{pipeline.package}: {reason} does not survive storing: stage"
        f" {following.name} runs in the process of stage {stage.name}",
        file=sys.stderr,
        flush=True,
    )


def _share_seed(folder: Path, pipeline: Pipeline) -> None:
    """All processes of a run order their sets alike: start again with its seed."""
    path = folder / "hashseed"
    ours = os.environ.get(_SEED)
    if not path.exists():
        write_text(path, ours if (ours or "").isdigit() else str(os.getpid()))
    seed = path.read_text("utf-8")
    if ours != seed:
        added = {_SEED: seed, _ADDED_SEED: ours or ""}
        words = [sys.executable, *_flags(), "-m", pipeline.package, *sys.argv[1:]]
        os.execve(sys.executable, words, {**os.environ, **added})
    before = os.environ.pop(_ADDED_SEED, None)
    if before is not None:
        del os.environ[_SEED]
        if before:
            os.environ[_SEED] = before


def _flags() -> list[str]:
    return subprocess._args_from_interpreter_flags()


# -- in the parent ---------------------------------------------------------------------


class Child:
    """A process that runs a stage."""

    def __init__(self, run: Run, index: int, only: bool = False) -> None:
        ours, theirs = os.pipe(), os.pipe()
        job = {"talk": [theirs[0], ours[1]], "only": only}
        name = run.pipeline.stages[index].name
        words = [sys.executable, *_flags(), "-m", run.pipeline.package, "stage", name]
        words += ["--store", str(run.store.folder), "--out", str(run.path)]
        words += ["--job", json.dumps(job)]
        sys.stdout.flush()
        self.name = name
        self.process = subprocess.Popen(
            words, env=run.environment, pass_fds=(theirs[0], ours[1])
        )
        os.close(theirs[0])
        os.close(ours[1])
        self.talk = Talk(ours[0], theirs[1])

    def end(self) -> int:
        """Let it end; its exit code, 1 where a signal ended it."""
        self.talk.say({"end": True})
        code = self.process.wait()
        self.talk.close()
        if code < 0:
            print(f"stage {self.name} was ended by signal {-code}", file=sys.stderr)
        return 1 if code < 0 else code


class Run:
    """A run whose stages have processes of their own."""

    def __init__(
        self, pipeline: Pipeline, values: Mapping[str, Any], path: Path
    ) -> None:
        self.pipeline, self.values, self.path = pipeline, values, path
        self.store = Store(path / "store", pipeline)
        self.store.folder.mkdir(parents=True, exist_ok=True)
        self.record: list[dict[str, Any]] = []
        self.environment = self._environment()
        begin = {"values": dict(values), "surroundings": ambient.surroundings()}
        write_text(self.store.folder / "begin.json", json.dumps(begin))

    def _environment(self) -> dict[str, str]:
        known = self.store.folder / "hashseed"
        environment = dict(os.environ)
        seed = environment.get(_SEED, "")
        if known.exists() or not seed.isdigit():
            environment[_ADDED_SEED] = seed
            seed = known.read_text("utf-8") if known.exists() else str(os.getpid())
            environment[_SEED] = seed
        write_text(known, seed)
        root = str(Path(__file__).resolve().parent.parent)
        environment["PYTHONPATH"] = os.pathsep.join([root, *filter(None, sys.path)])
        return environment

    def run(self, start: int) -> int:
        """Run the stages from one on; the exit code."""
        previous: Child | None = None
        index = start
        while True:
            child = Child(self, index)
            first = child.talk.hear() or {}
            if "unloaded" in first and previous is not None:
                child.end()
                previous.talk.say({"go on": f"the state ({first['unloaded']})"})
                child = previous
            else:
                if previous is not None:
                    previous.end()
                if "loaded" not in first:
                    return child.end() or 1
            previous = child
            while True:
                news = child.talk.hear()
                if news is None:
                    return child.end()
                self.record.append(news["report"])
                if "last" in news:
                    return child.end()
                if "stored" in news:
                    index = news["stored"] + 1
                    break

    def only(self, index: int) -> int:
        """Run one stage; the exit code."""
        child = Child(self, index, only=True)
        while True:
            news = child.talk.hear()
            if news is None or "last" in news:
                return child.end()

    def write_record(self) -> None:
        """What ran, how long it took, and what had to share a process."""
        joined = sum("joined" in one for one in self.record)
        record = {"stages": self.record, "joined": joined}
        write_text(self.path / "run.json", json.dumps(record, indent=1))


def run(
    pipeline: Pipeline,
    values: Mapping[str, Any],
    folder: RunFolder,
    options: argparse.Namespace,
) -> int:
    """Run stages, each in a process of its own; the exit code."""
    if os.name != "posix":
        raise UsageError("stages in processes of their own need a POSIX system")
    named = options.only or options.start
    start = pipeline.stages.index(pipeline.stage(named)) if named else 0
    path = folder.path() if not start or options.out else None
    if start:
        path = run_folder.latest(pipeline, values, path)
    whole = Run(pipeline, values, _with_state(pipeline, path, start))
    if options.only:
        return whole.only(start)
    code = whole.run(start)
    if code == 0:
        whole.write_record()
    return code


def _with_state(pipeline: Pipeline, path: Path | None, start: int) -> Path:
    """The run's folder, if it has the state that the stage begins with."""
    if path is None:
        raise UsageError("there is no isolated run with these parameters to go on from")
    before = pipeline.stages[start - 1]
    if start and Store(path / "store", pipeline).read(start - 1) is None:
        raise UsageError(
            f"the latest run has no state after stage {before.name}: stage"
            f" {pipeline.stages[start].name} ran in its process; begin earlier"
        )
    return path
