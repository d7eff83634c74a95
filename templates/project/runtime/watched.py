"""A stage in a process that tells what it looked at and what it changed.

The parent decides with it whether the result may be used again, and whether a stage
that ran ahead of its turn would have run alike after the stages before it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import types
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import changes, watching
from .reach import PACKAGE
from .runner import StageError
from .storage import UnstorableError

if TYPE_CHECKING:
    from .isolated import Talk
    from .store import Keeper


class Watched:
    """The child's side: one stage, and those that have to share its process."""

    def __init__(self, keeper: Keeper, talk: Talk, job: Mapping[str, Any]) -> None:
        self.keeper, self.talk = keeper, talk
        self.is_ahead = bool(job["ahead"])
        self.watch = watching.Watch([keeper.store.folder, PACKAGE], self._ask)
        self._before: dict[str, str] = {}
        self._filters: list[Any] = []
        self.is_clear = True  # all settings of the process can be told
        self._known: set[str] = set()  # what the state before holds
        self._loaded: set[str] = set()

    def load(self, index: int, state: dict[str, Any] | None) -> None:
        """Set everything as the stage finds it."""
        stage = self.keeper.pipeline.stages[index]
        with self.watch.on():
            self.keeper.begin(state)
            self.keeper.load_for(stage)
            with contextlib.suppress(Exception):  # it is told when the stage runs
                self.keeper.session.ready(stage)
        pipeline = self.keeper.pipeline
        always = pipeline.always
        names = self.keeper.names
        known = {
            name for group in (state or {}).get("groups", []) for name in group["names"]
        }
        self._known = known
        self._loaded = {name for name in {*known, *always} if name in names}
        values = {name: names[name] for name in self._loaded}
        values.update(self._settings())
        self._before = changes.digests(self.keeper, values)
        self._filters = list(warnings.filters)

    def run(self, index: int) -> int:
        """Run the stage and tell of it; the exit code."""
        keeper, stages = self.keeper, self.keeper.pipeline.stages
        is_watched = True  # alone in this process
        while True:
            begun = time.monotonic()
            try:
                with self.watch.on():
                    keeper.session.run(stages[index])
            except StageError:
                sys.stdout.flush()
                self._wait({"failed": index, "told": self.told({})})
                raise
            sys.stdout.flush()
            seconds = round(time.monotonic() - begun, 3)
            report: dict[str, Any] = {"stage": stages[index].name, "seconds": seconds}
            news = {"report": report}
            if index + 1 == len(stages):
                told = self.told({}) if is_watched else None
                report.update(keeper.took(index))
                self._wait({"last": index, "told": told, **news})
                return 0
            try:
                after = self._save(index)
            except UnstorableError as error:
                report["joined"] = str(error)
                answer = self._wait(
                    {"unstorable": index, "told": self.told({}), **news}
                )
            else:
                told = self.told(after) if is_watched else None
                report.update(keeper.took(index))
                answer = self._wait({"stored": index, "told": told, **news})
                report["joined"] = answer.get("go on", "")
            if "go on" not in answer:
                return 0
            self._rebase(answer.get("state"))
            is_watched, index = False, index + 1
            keeper.load_for(stages[index])

    def _save(self, index: int) -> dict[str, Any]:
        try:
            self.keeper.save(index)
        except UnstorableError:
            raise
        except Exception as error:
            raise UnstorableError(
                f"the state ({type(error).__name__}: {error})"
            ) from error
        return self.keeper.saved

    def _rebase(self, state: dict[str, Any] | None) -> None:
        """Know what other stages made meanwhile; it concerns no name that is bound here."""
        if state is None:
            return
        groups = []
        for group in state["groups"]:
            names = [
                n for n in group["names"] if n[0] != "@" and n not in self.keeper.names
            ]
            if names:
                groups.append({**group, "names": names})
        self.keeper.waiting, self.keeper.order = groups, state["order"]

    # -- talk ----------------------------------------------------------------------------

    def _wait(self, news: dict[str, Any]) -> dict[str, Any]:
        self.talk.say(news)
        return self.talk.hear() or {}

    def _ask(self, what: str) -> None:
        """A stage that runs ahead waits for its turn before it acts."""
        if self.is_ahead:
            sys.stdout.flush()
            answer = self._wait({"wants": what, "told": self.told({})})
            if "permitted" not in answer:
                os._exit(1)
            self.is_ahead = False

    def told(self, after: Mapping[str, Any]) -> dict[str, Any]:
        """What is known of the stage when it has run."""
        with self.watch.off():
            after = after or self._settings()
            digests = changes.digests(self.keeper, after)
            names = {
                name for name, one in digests.items() if one != self._before.get(name)
            }
            modules, roots = self._modules()
            return {
                **self.watch.told(),
                "loaded": sorted(self._loaded),
                "changed": sorted({*names, *(after.keys() - digests.keys())}),
                "parts": {n: digests.get(n, "?") for n in after if n[0] == "@"},
                "is_clear": self.is_clear,
                "new_parts": [
                    n for n in digests if n[0] == "@" and n not in self._known
                ],
                "adds_warnings": self._adds_warnings(),
                "modules": modules,
                "roots": roots,
            }

    def _settings(self) -> dict[str, Any]:
        try:
            return self.keeper.settings()
        except UnstorableError:
            self.is_clear = False
            return {}

    def _adds_warnings(self) -> bool:
        """Whether the filters only grew, by some that raise nothing."""
        count = len(warnings.filters) - len(self._filters)
        added, rest = list(warnings.filters[:count]), list(warnings.filters[count:])
        return (
            count >= 0
            and rest == self._filters
            and all(one[0] != "error" for one in added)
        )

    def _modules(self) -> tuple[dict[str, str | None], list[str]]:
        """The files of local modules, and the names of all the others."""
        world, files, roots = self.keeper.world, {}, []
        for name, module in list(sys.modules.items()):
            if world.is_own_module(name) or not isinstance(module, types.ModuleType):
                continue
            if world.is_local(module):
                files[str(module.__file__)] = watching.digest_of(str(module.__file__))
            elif "." not in name:
                roots.append(name)
        return files, roots
