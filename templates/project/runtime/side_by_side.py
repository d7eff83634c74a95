"""Stages side by side, and results of earlier runs: the parent's side.

The stage whose turn it is runs with the state that all stages before it left. Stages
after it may run ahead with an older state: they are held before they act outside, and
their result counts only when nothing they looked at was changed meanwhile. Else they
run again when it is their turn.
"""

from __future__ import annotations

import contextlib
import select
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import changes, reach, runner
from .cache import Cache, why_not
from .isolated import Child, Run, say_joined

if TYPE_CHECKING:
    from .runner import Pipeline

_TICK = 0.05  # seconds between two looks at what the running stage prints
_NOTHING: Mapping[str, Any] = {"groups": [], "gone": [], "environment": {}, "place": {}}


class Worker(Child):
    """A process that runs a stage, perhaps ahead of its turn."""

    def __init__(self, run: Run, index: int, base: int, is_ahead: bool) -> None:
        name = f"{index + 1:03}-{run.pipeline.stages[index].name}"
        self.index, self.base, self.is_ahead = index, base, is_ahead
        self.is_exact = not is_ahead  # its variables are those that its turn finds
        self.shown = run.store.folder / f"{name}.shown"
        self.spool = run.store.folder / f"{name}.stdout"
        self.was_ahead = False
        self.printed = 0
        self.is_gone = False
        self.news: dict[str, Any] | None = None  # what it waits with
        shutil.rmtree(self.shown, ignore_errors=True)
        job = {"base": base, "ahead": is_ahead, "watched": True}
        with open(self.spool, "wb") as stdout:
            super().__init__(run, index, job, self.shown, stdout)

    def answer(self, **what: Any) -> None:
        """Let it go on."""
        self.news = None
        self.talk.say(what)


class SideBySide:
    """A run with several processes at a time, with or without kept results."""

    def __init__(self, run: Run, jobs: int, cache: Cache | None) -> None:
        self.outer, self.jobs, self.cache = run, jobs, cache
        self.pipeline: Pipeline = run.pipeline
        self.stages = run.pipeline.stages
        self.states: dict[int, dict[str, Any]] = {-1: self._begin()}
        self.done: dict[int, tuple[dict[str, Any], dict[str, Any]] | None] = {}
        self.workers: dict[int, Worker] = {}
        self.tried: set[int] = set()  # ran ahead once; after that they wait
        self.previous: Worker | None = None  # it waits until its state is loaded
        self.turn = 0

    def _begin(self) -> dict[str, Any]:
        """The state before the first stage, which no process has to load."""
        around = dict(self.outer.begin["surroundings"])
        added = runner.kernel_environment()
        around["environment"] = {**around["environment"], **added}
        empty: dict[str, Any] = {"groups": [], "modules": [], "order": []}
        return {**empty, "bound": self.pipeline.always, "surroundings": around}

    def run(self, start: int) -> int:
        """Run the stages from one on; the exit code."""
        self.turn = start
        if start:
            self.states[start - 1] = dict(self.outer.store.read(start - 1) or {})
        try:
            while self.turn < len(self.stages):
                if self.turn in self.workers or not self._reuse():
                    code = self._step()
                    if code is not None:
                        return code
            return 0
        finally:
            for worker in [*self.workers.values(), self.previous]:
                if worker is not None:
                    worker.stop()

    # -- results of earlier runs ---------------------------------------------------------

    def _reuse(self) -> bool:
        """Take over the result of an earlier run, if there is one that holds."""
        index = self.turn
        if self.cache is None or index - 1 not in self.states:
            return False
        entry = self.cache.find(index, self._keyed(index - 1))
        if entry is None:
            return False
        try:
            entry.bring(self.outer.store.folder)
            text = (entry.folder / "stdout").read_bytes()
        except (OSError, ValueError):
            return False
        self._print(text)
        self._show(entry.folder / "shown")
        self._commit(index, entry.change, entry.told)
        stage = self.stages[index]
        self.outer.record.append({"stage": stage.name, "seconds": 0.0, "cached": True})
        runner.progress(self.pipeline, index + 1, stage, 0.0, "as before")
        self._end_previous()
        return True

    def _keyed(self, index: int) -> dict[str, Any]:
        return {**self.states[index], "hashseed": self.outer.seed}

    # -- one step ------------------------------------------------------------------------

    def _step(self) -> int | None:
        """Start what can start, hear what there is to hear; an exit code ends the run."""
        worker = self.workers.get(self.turn)
        if worker is None:
            worker = Worker(self.outer, self.turn, self.turn - 1, is_ahead=False)
            self.workers[self.turn] = worker
        self._start_ahead()
        if worker.news is None and not worker.is_gone:
            self._hear()
            if not worker.is_ahead:
                self._print_new(worker)
        if worker.news is not None:
            return self._take(worker, worker.news)
        return self._died(worker) if worker.is_gone else None

    def _start_ahead(self) -> None:
        """Let later stages begin, as far as their inputs are there."""
        base = self.turn - 1
        if self.jobs < 2 or base < 0 or base not in self.states or self.previous:
            return
        made: set[str] = set()
        for index in range(self.turn, len(self.stages)):
            stage = self.stages[index]
            if len(self.workers) >= self.jobs or not self._is_seen(index):
                return
            is_new = index not in self.workers and index not in self.tried
            if is_new and not made & set(stage.inputs):
                self.tried.add(index)
                self.workers[index] = Worker(self.outer, index, base, is_ahead=True)
            made |= {*stage.outputs, *stage.deletes}

    def _is_seen(self, index: int) -> bool:
        """Whether Python sees all that a stage does to the world outside."""
        stage = self.stages[index]
        words = reach.of(self.pipeline, stage).words
        words |= reach.handed_on(self.pipeline, index)
        return not (
            stage.ipython or stage.may_raise or words & (reach.UNSEEN | reach.EXISTS)
        )

    def _hear(self) -> None:
        """Take what the processes say."""
        waiting = {one.talk.reading: one for one in self.workers.values()}
        waiting = {key: w for key, w in waiting.items() if not (w.news or w.is_gone)}
        heard = [one for one in waiting.values() if one.talk.has_line()]
        if not heard:
            ready, _, _ = select.select(list(waiting), [], [], _TICK)
            heard = [waiting[key] for key in ready]
        for worker in heard:
            news = worker.talk.hear()
            if news is None:
                worker.is_gone = True
            elif "loaded" not in news:
                worker.news = news
            elif worker.index == self.turn:
                self._end_previous()

    def _died(self, worker: Worker) -> int | None:
        del self.workers[worker.index]
        code = worker.end()
        if worker.is_ahead:
            return None
        self._print_new(worker)
        return code or 1

    # -- a stage has something to say, and it is its turn --------------------------------

    def _take(self, worker: Worker, news: dict[str, Any]) -> int | None:
        if "unloaded" in news:
            return self._unloaded(worker, news["unloaded"])
        if worker.is_ahead:
            if not self._holds(worker, news):
                del self.workers[worker.index]
                worker.stop()
                return None
            self._print_new(worker)
            self._end_previous()
            worker.is_ahead, worker.was_ahead = False, True
        self._print_new(worker)
        if "wants" in news:
            worker.answer(permitted=True)
        elif "failed" in news:
            del self.workers[worker.index]
            worker.answer(permitted=True)
            return worker.end() or 1
        elif "unstorable" in news:
            self.outer.record.append(news["report"])
            self._show(worker.shown)
            self._go_on(
                worker, news["report"]["joined"], self.states.get(self.turn - 1)
            )
        else:
            return self._finished(worker, news)
        return None

    def _holds(self, worker: Worker, news: Mapping[str, Any]) -> bool:
        """Whether the stage would have run alike after the stages before it."""
        since = [self.done.get(index) for index in range(worker.base + 1, worker.index)]
        others = [one for one in since if one is not None]
        code = reach.of(self.pipeline, self.stages[worker.index])
        if len(others) < len(since) or changes.conflict(news["told"], code, others):
            return False
        names = {name for one, _ in others for name in changes.changed_names(one)}
        worker.is_exact = not any(name.startswith("@") for name in names)
        return worker.is_exact or not ("wants" in news or "unstorable" in news)

    def _finished(self, worker: Worker, news: dict[str, Any]) -> int | None:
        """Its result becomes part of the state."""
        index, told, report = self.turn, news["told"], news["report"]
        is_last = index + 1 == len(self.stages)
        after = dict(_NOTHING) if is_last else self.outer.own.read(index) or {}
        change: dict[str, Any] | None = None
        if told is None:
            self.states[index] = after
        elif is_last:
            change = after
        else:
            change = changes.between(self.states[worker.base], after, told["changed"])
        if worker.was_ahead:
            report["ahead"] = True
        self._keep(worker, change, told, report)
        self._show(worker.shown)
        self._commit(index, change, told)
        self.outer.record.append(report)
        stage = self.stages[index]
        runner.progress(self.pipeline, index + 1, stage, report["seconds"])
        del self.workers[worker.index]
        if is_last:
            return worker.end()
        self.previous = worker
        return None

    def _keep(
        self,
        worker: Worker,
        change: dict[str, Any] | None,
        told: dict[str, Any] | None,
        report: dict[str, Any],
    ) -> None:
        if self.cache is None:
            return
        reason = why_not(self.pipeline, self.turn, told)
        if reason or change is None or told is None:
            report["not_cached"] = reason
            return
        files = {"stdout": worker.spool, "shown": worker.shown}
        files["store"] = self.outer.store.folder
        self.cache.keep(self.turn, self._keyed(self.turn - 1), change, told, files)

    def _commit(
        self, index: int, change: dict[str, Any] | None, told: dict[str, Any] | None
    ) -> None:
        """The turn goes on to the next stage."""
        if index + 1 < len(self.stages):
            if change is not None:
                self.states[index] = changes.applied(self.states[index - 1], change)
            self.states[index]["stage"] = self.stages[index].name
            self.outer.store.write(index, self.states[index])
        self.done[index] = None if change is None or told is None else (change, told)
        self.turn = index + 1

    # -- what does not survive storing ---------------------------------------------------

    def _unloaded(self, worker: Worker, reason: str) -> int | None:
        del self.workers[worker.index]
        worker.end()
        if worker.is_ahead:
            return None
        previous, self.previous = self.previous, None
        if previous is not None and previous.is_exact:
            self.turn -= 1
            reason = f"the state ({reason})"
            self.outer.record[-1]["joined"] = reason
            self._go_on(previous, reason, self.states[self.turn])
            return None
        if previous is not None:
            previous.end()
        print(
            f"{self.pipeline.package}: the state before stage {worker.name} cannot be"
            f" loaded ({reason}); run without --jobs and --cache",
            file=sys.stderr,
        )
        return 1

    def _go_on(self, worker: Worker, reason: str, state: dict[str, Any] | None) -> None:
        """The next stage runs in the same process."""
        self.outer.store.forget(self.turn)
        self.states.pop(self.turn, None)
        self.done[self.turn] = None
        say_joined(self.pipeline, self.turn, reason)
        self.workers.pop(worker.index, None)
        self.turn += 1
        for other in [self.workers.pop(index) for index in list(self.workers)]:
            other.stop()
        missed = state if worker.base < self.turn - 2 else None
        worker.index, worker.base = self.turn, self.turn
        self.workers[self.turn] = worker
        worker.answer(**{"go on": reason, "state": missed})

    def _end_previous(self) -> None:
        if self.previous is not None:
            self.previous.end()
            self.previous = None

    # -- what stages print and show ------------------------------------------------------

    def _print_new(self, worker: Worker) -> None:
        with contextlib.suppress(FileNotFoundError), open(worker.spool, "rb") as file:
            file.seek(worker.printed)
            text = file.read()
        worker.printed += len(text)
        self._print(text)

    def _print(self, text: bytes) -> None:
        if text:
            sys.stdout.flush()
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()

    def _show(self, shown: Path) -> None:
        """Put displayed values behind those of the stages before."""
        target = self.outer.path / "displays"
        taken = max((int(path.name[:4]) for path in target.glob("[0-9]*")), default=0)
        for path in sorted((shown / "displays").glob("[0-9]*")):
            target.mkdir(parents=True, exist_ok=True)
            number = taken + int(path.name[:4])
            shutil.copyfile(path, target / f"{number:04}{path.name[4:]}")
        if shown.parent == self.outer.store.folder:
            shutil.rmtree(shown, ignore_errors=True)
