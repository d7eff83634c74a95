"""The processes of a run: each runs a stage and stores the state for the next.

A process that has stored its state waits until the next one has loaded it. If that
fails, it goes on with the next stage itself: then nothing has to be loaded.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import ambient, reach, run_folder
from .parameters import UsageError
from .runner import Pipeline, Session, progress
from .storage import UnstorableError
from .store import Keeper, Store, write_text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from .run_folder import RunFolder
    from .watched import Watched

_SEED = "PYTHONHASHSEED"
STORE_HERE = "PIPELINE_STORE_HERE"  # the copy of a store at a URL
TOOK = "took.json"  # what the stage that ran last took of the machine
_ADDED_SEED = "PIPELINE_ADDED_HASHSEED"
_PATIENCE = 5  # seconds for an interrupted stage to end
_NOT_LOADED = 75  # exit code of a process that could not load the state


class Talk:
    """What parent and child tell each other, a line of JSON at a time."""

    def __init__(self, reading: int, writing: int) -> None:
        os.set_inheritable(reading, False)
        os.set_inheritable(writing, False)
        self.reading, self._writing = reading, writing
        self._heard = b""

    def say(self, what: Any) -> None:
        """Tell the other side."""
        left = memoryview(f"{json.dumps(what)}\n".encode())
        with contextlib.suppress(BrokenPipeError):
            while left:
                left = left[os.write(self._writing, left) :]

    def hear(self) -> Any:
        """What the other side says next; None when it is gone."""
        while not self.has_line():
            more = os.read(self.reading, 1 << 16)
            if not more:
                return None
            self._heard += more
        line, _, self._heard = self._heard.partition(b"\n")
        return json.loads(line)

    def has_line(self) -> bool:
        """Whether something was heard that is not taken yet."""
        return b"\n" in self._heard

    def close(self) -> None:
        """End the talk."""
        os.close(self.reading)
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
    os.environ.pop(STORE_HERE, None)
    if job:
        known = json.loads((folder / "begin.json").read_text("utf-8"))
        values = known["values"]
        ambient.set_surroundings(known["surroundings"])
    index = pipeline.stages.index(pipeline.stage(options.name))
    is_watched = bool(job.get("watched"))
    store = Store(folder, pipeline, "own.json" if is_watched else "json")
    state = _state_after(job.get("base", index - 1), folder, pipeline, options.name)
    shown = Path(options.out).absolute() if options.out else folder / "shown"

    def make() -> Path:
        shown.mkdir(parents=True, exist_ok=True)
        return shown

    with Session(pipeline, values, make) as session:
        keeper = Keeper(session, store)
        keeper.is_open = options.open
        try:
            one = _loaded(keeper, index, state, job, talk if is_watched else None)
        except Exception as error:
            if talk is None or index == 0:
                raise
            talk.say({"unloaded": f"{type(error).__name__}: {error}"})
            return _NOT_LOADED
        if talk is None:
            return _run_alone(keeper, index)
        talk.say({"loaded": True})
        if one is not None:
            return one.run(index)
        return _run_on(keeper, index, talk, job.get("only", False))


def _state_after(index: int, folder: Path, pipeline: Pipeline, name: str) -> Any:
    """The state after a stage, for another one; nothing before the first."""
    state = Store(folder, pipeline).read(index) if index >= 0 else None
    if index >= 0 and state is None:
        before = pipeline.stages[index].name
        raise UsageError(
            f"stage {name} needs the state after stage {before}: run that first"
        )
    return state


def _loaded(
    keeper: Keeper, index: int, state: Any, job: Mapping[str, Any], talk: Talk | None
) -> Watched | None:
    """Set everything as the stage finds it; who watches it, where somebody is told."""
    keeper.enter(state)
    if talk is None:
        keeper.begin(state)
        keeper.load_for(keeper.pipeline.stages[index])
        return None
    from .watched import Watched

    one = Watched(keeper, talk, job)
    one.load(index, state)
    return one


def state_before(pipeline: Pipeline, options: argparse.Namespace) -> str:
    """The name of the file with the state that a stage begins with; none for the first."""
    index = pipeline.stages.index(pipeline.stage(options.name))
    return Store(Path(), pipeline).path(index - 1).name if index else ""


def _run_alone(keeper: Keeper, index: int) -> int:
    """Run one stage for an engine."""
    pipeline = keeper.pipeline
    stage = pipeline.stages[index]
    keeper.session.run(stage)
    sys.stdout.flush()
    try:
        if index + 1 < len(pipeline.stages):
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
    write_text(keeper.store.folder / TOOK, json.dumps(keeper.took(index)))
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
            talk.say({"last": index, "report": report | keeper.took(index)})
            return 0
        try:
            keeper.save(index)
        except UnstorableError as error:
            report["joined"] = str(error)
        except Exception as error:  # noqa: BLE001
            report["joined"] = f"the state ({type(error).__name__}: {error})"
        else:
            talk.say({"stored": index, "report": report | keeper.took(index)})
            answer = talk.hear()
            if not answer or "go on" not in answer:
                return 0
            report["joined"] = answer["go on"]
        keeper.store.forget(index)
        say_joined(pipeline, index, report["joined"])
        talk.say({"joined": index, "report": report})
        index += 1
        keeper.load_for(pipeline.stages[index])


def say_joined(pipeline: Pipeline, index: int, reason: str) -> None:
    """Say that a stage has no process of its own, and why."""
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

    def __init__(
        self,
        run: Run,
        index: int,
        job: Mapping[str, Any],
        shown: Path,
        stdout: Any = None,
    ) -> None:
        self.name = run.pipeline.stages[index].name
        words = [sys.executable, *_flags(), "-m", run.pipeline.package, "stage"]
        words += [self.name, "--store", str(run.store.folder), "--out", str(shown)]
        sys.stdout.flush()
        self.process, self.talk = run.started(words, job, stdout)

    def end(self) -> int:
        """Let it end; its exit code, 1 where a signal ended it."""
        self.talk.say({"end": True})
        code = self.process.wait()
        self.talk.close()
        if code < 0:
            print(f"stage {self.name} was ended by signal {-code}", file=sys.stderr)
        return 1 if code < 0 else code

    def stop(self) -> None:
        """End it now, whatever it does."""
        end(self.process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and end it."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
    if process.poll() is None:
        process.kill()
        process.wait()


class Run:
    """A run whose stages have processes of their own."""

    def __init__(
        self,
        pipeline: Pipeline,
        values: Mapping[str, Any],
        path: Path,
        seed: str = "",
    ) -> None:
        self.pipeline, self.values, self.path = pipeline, values, path
        self.store = Store(path / "store", pipeline)
        self.own = Store(path / "store", pipeline, "own.json")
        self.store.folder.mkdir(parents=True, exist_ok=True)
        self.record: list[dict[str, Any]] = []
        self.seed = self._seed(seed)
        self.environment = self._environment()
        code = {one.name: reach.of(pipeline, one).digest for one in pipeline.stages}
        self.begin = {
            "values": dict(values),
            "surroundings": ambient.surroundings(),
            "code": code,
        }
        write_text(self.store.folder / "begin.json", json.dumps(self.begin))

    def started(
        self, words: Sequence[str], job: Mapping[str, Any], stdout: Any
    ) -> tuple[subprocess.Popen[bytes], Talk]:
        """A stage's process, and the line to it."""
        ours, theirs = os.pipe(), os.pipe()
        told = json.dumps({**job, "talk": [theirs[0], ours[1]]})
        process = subprocess.Popen(
            [*words, "--job", told],
            env=self.environment,
            pass_fds=(theirs[0], ours[1]),
            stdout=stdout,
        )
        os.close(theirs[0])
        os.close(ours[1])
        return process, Talk(ours[0], theirs[1])

    def _seed(self, seed: str) -> str:
        """What orders the sets: all processes of a run must order them alike."""
        known = self.store.folder / "hashseed"
        if known.exists():
            return known.read_text("utf-8")
        ours = os.environ.get(_SEED, "")
        seed = ours if ours.isdigit() else seed or str(os.getpid())
        write_text(known, seed)
        return seed

    def _environment(self) -> dict[str, str]:
        environment = dict(os.environ)
        given = environment.get(_SEED, "")
        if given != self.seed:
            environment[_ADDED_SEED], environment[_SEED] = given, self.seed
        root = str(Path(__file__).resolve().parents[2])
        environment["PYTHONPATH"] = os.pathsep.join([root, *filter(None, sys.path)])
        return environment

    def run(self, start: int) -> int:
        """Run the stages from one on; the exit code."""
        children: list[Child] = []
        try:
            return self._run(start, children)
        finally:
            for child in children:
                child.stop()

    def _run(self, start: int, children: list[Child]) -> int:
        previous: Child | None = None
        index = start
        while True:
            child = Child(self, index, {}, self.path)
            children.append(child)
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
        child = Child(self, index, {"only": True}, self.path)
        try:
            while True:
                news = child.talk.hear()
                if news is None or "last" in news:
                    return child.end()
        finally:
            child.stop()

    def finish(self, is_done: bool) -> None:
        """Leave what ran, how long it took, what had to share a process; no remains."""
        for path in self.store.folder.glob("*.part"):
            path.unlink(missing_ok=True)
        if is_done:
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
        path = _with_state(pipeline, path, start)
    assert path is not None
    cache = run_folder.cache_of(pipeline) if options.cache else None
    whole = Run(pipeline, values, path, run_folder.seed_of(cache))
    code = None
    try:
        code = _run(whole, start, options, cache)
    finally:
        whole.finish(code == 0 and not options.only)
    return code


def _run(
    whole: Run, start: int, options: argparse.Namespace, cache: Path | None
) -> int:
    if options.only:
        return whole.only(start)
    if options.jobs == 1 and cache is None:
        return whole.run(start)
    from .cache import Cache
    from .side_by_side import SideBySide

    kept = Cache(cache, whole.pipeline, whole.values) if cache else None
    return SideBySide(whole, options.jobs, kept).run(start)


def _with_state(pipeline: Pipeline, path: Path | None, start: int) -> Path:
    """The run's folder, if it has the state that the stage begins with."""
    if path is None:
        raise UsageError(
            "there is no run with these parameters to go on from: only a run with"
            " --isolated, --jobs or --cache keeps its states"
        )
    before = pipeline.stages[start - 1]
    if Store(path / "store", pipeline).read(start - 1) is None:
        raise UsageError(
            f"the latest run has no state after stage {before.name}: stage"
            f" {pipeline.stages[start].name} ran in its process; begin earlier"
        )
    code = json.loads((path / "store" / "begin.json").read_text("utf-8"))["code"]
    for stage in pipeline.stages[:start]:
        if code.get(stage.name) != reach.of(pipeline, stage).digest:
            raise UsageError(
                f"the code of stage {stage.name} has changed since the latest run: begin there"
            )
    return path
