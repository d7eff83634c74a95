"""Results of stages that are used again when nothing they depend on has changed.

A result is found by the code that the stage reaches, its parameters, its inputs and the
libraries; it is used when the files, folders, variables and modules that the stage
looked at when it ran are what they were. What cannot be told for certain is not kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import reach, watching
from .changes import _RANDOM
from .world import library_roots

if TYPE_CHECKING:
    from .runner import Pipeline

_KEPT = 8  # results of a stage
State = Mapping[str, Any]


class Entry:
    """A result that was kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        known = json.loads((folder / "entry.json").read_text("utf-8"))
        self.change, self.told, self.base = (
            known["change"],
            known["told"],
            known["base"],
        )

    def bring(self, store: Path) -> None:
        """Put its files where the states of a run lie; ValueError if one is damaged."""
        for group in self.change["groups"]:
            path = self.folder / group["file"]
            if watching.digest_of(str(path)) != group["digest"]:
                raise ValueError(f"{path} is damaged")
            _link(path, store / group["file"])


class Cache:
    """The kept results of a pipeline, below one folder."""

    def __init__(
        self, root: Path, pipeline: Pipeline, values: Mapping[str, Any]
    ) -> None:
        self.root, self.pipeline, self.values = root, pipeline, values
        self._libraries = _libraries()

    def find(self, index: int, base: State) -> Entry | None:
        """The newest result of a stage that holds for this state before it."""
        folder = self.root / self.pipeline.stages[index].name
        found = folder.glob(f"{self._key(index, base)}-*")
        for path in sorted(found, key=_age, reverse=True):
            with contextlib.suppress(OSError, ValueError, KeyError):
                entry = Entry(path)
                if self._holds(index, entry, base):
                    return entry
        return None

    def keep(
        self,
        index: int,
        base: State,
        change: Mapping[str, Any],
        told: Mapping[str, Any],
        files: Mapping[str, Path],  # stdout, shown, store
    ) -> None:
        """Keep a result; it is there whole or not at all."""
        folder = self.root / self.pipeline.stages[index].name
        part = folder / f".{os.getpid()}.part"
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            for group in change["groups"]:
                _link(files["store"] / group["file"], part / group["file"])
            shutil.copyfile(files["stdout"], part / "stdout")
            if files["shown"].is_dir():
                shutil.copytree(files["shown"], part / "shown")
            known = {"change": change, "told": told, "base": self._seen(index, base)}
            (part / "entry.json").write_text(json.dumps(known), "utf-8")
            _rename(part, folder, self._key(index, base))
            for old in sorted(folder.glob("[!.]*"), key=_age)[:-_KEPT]:
                shutil.rmtree(old, ignore_errors=True)
        except OSError:
            pass  # a full disk: nothing is kept
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _key(self, index: int, base: State) -> str:
        stage = self.pipeline.stages[index]
        code = reach.of(self.pipeline, stage)
        names = {name for name in self.values if code.by_name or name in code.words}
        later = self.pipeline.stages[index + 1 :]
        around = base["surroundings"]
        parts = [
            code.digest,
            reach.runner_digest(),
            {name: self.values[name] for name in sorted(names | set(stage.params))},
            sorted({name for one in later for name in one.inputs}),
            [around["folder"], around["path"], around["put"]],
            [sys.version, sys.executable, platform.node(), self._libraries],
            base["hashseed"],
            self._inputs(index, base),
        ]
        text = json.dumps(parts, default=repr, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def _inputs(self, index: int, base: State) -> list[Any]:
        """The groups that a stage looks into."""
        stage = self.pipeline.stages[index]
        code = reach.of(self.pipeline, stage)
        always = set(self.pipeline.always)
        used = always if code.by_name else always & code.words
        wanted = used | set(stage.inputs)
        found = [one for one in base["groups"] if wanted & set(one["names"])]
        return sorted([sorted(one["names"]), one["digest"]] for one in found)

    def _seen(self, index: int, base: State) -> dict[str, Any]:
        return {"parts": _parts(base)}

    def _holds(self, index: int, entry: Entry, base: State) -> bool:
        told = entry.told
        variables = base["surroundings"]["environment"]
        return (
            all(watching.digest_of(path) == was for path, was in told["reads"].items())
            and all(watching.listing_of(p) == was for p, was in told["lists"].items())
            and all(watching.digest_of(p) == was for p, was in told["writes"].items())
            and all(watching.digest_of(p) == was for p, was in told["modules"].items())
            and all(map(os.path.isdir, told["made"]))
            and all(variables.get(n) == was for n, was in told["variables"].items())
            and not _is_shadowed(told["roots"], base["surroundings"])
            and (index == 0 or self._same_settings(index, entry, base))
        )

    def _same_settings(self, index: int, entry: Entry, base: State) -> bool:
        """Whether the process is set as it was, as far as the stage can see it."""
        then, now, told = entry.base["parts"], _parts(base), entry.told
        words = reach.of(self.pipeline, self.pipeline.stages[index]).words
        sets = bool(words & reach.SETTERS)
        for part in then.keys() | now.keys():
            if then.get(part) == now.get(part) or part not in told["parts"]:
                continue
            is_left = part in _RANDOM and part not in told["changed"] and not sets
            if not is_left:
                return False
        return True


def why_not(pipeline: Pipeline, index: int, told: Mapping[str, Any] | None) -> str:
    """Why the result of a stage cannot be used again; nothing where it can."""
    if told is None:
        return "its state does not survive storing"
    words = reach.of(pipeline, pipeline.stages[index]).words
    words |= reach.handed_on(pipeline, index)
    for path in told["modules"]:
        words |= reach.words_of(path)
    for what, changing in reach.CHANGING.items():
        if words & changing:
            return f"it asks for {what} ({min(words & changing)})"
    if words & reach.UNSEEN:
        return f"it uses {min(words & reach.UNSEEN)}"
    if not told["is_clear"]:
        return "the settings of the process cannot be told"
    if "*" in told["variables"]:
        return "it looks at all environment variables"
    return next(iter(told["outside"]), "")


def _parts(base: State) -> dict[str, str]:
    return {
        name: group["digest"]
        for group in base["groups"]
        for name in group["names"]
        if name.startswith("@")
    }


def _libraries() -> str:
    """One word for the versions of everything that is installed."""
    names: list[str] = []
    for root in sorted(library_roots()):
        with contextlib.suppress(OSError):
            found = sorted(os.listdir(root))
            names += [n for n in found if n.endswith((".dist-info", ".egg-info"))]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def _is_shadowed(roots: list[str], around: State) -> bool:
    """Whether a file now stands before a library of the same name."""
    library = [str(root) for root in library_roots()]
    folders = [os.path.join(around["folder"], path) for path in ("", *around["path"])]
    folders = [path for path in set(folders) if path.rstrip(os.sep) not in library]
    return any(
        os.path.isfile(os.path.join(folder, f"{root}{end}"))
        for folder in folders
        if os.path.isdir(folder)
        for root in roots
        for end in (".py", f"{os.sep}__init__.py")
    )


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _free(folder: Path, key: str) -> Iterator[Path]:
    number = 1
    while True:
        yield folder / f"{key}-{number}"
        number += 1


def _rename(part: Path, folder: Path, key: str) -> None:
    for path in _free(folder, key):
        if not path.exists():
            os.rename(part, path)
            return


def _link(source: Path, target: Path) -> None:
    """The same file at another place; a copy where the disk cannot link."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
