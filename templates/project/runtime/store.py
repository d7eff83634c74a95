"""The state between stages that have processes of their own, on disk.

After a stage the names that later stages need are written in groups: names whose
objects have something in common share a file, so aliases stay aliases. A stage reads
the groups that hold its inputs, whole, and afterwards writes them anew. What cannot be
stored for certain keeps the next stage in the same process.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import ambient, formats, holding, kernel, obstacles, owned, storage, usage
from .storage import UnstorableError
from .world import World

if TYPE_CHECKING:
    from .runner import Pipeline, Session, Stage

_AMBIENT = "@"  # begins what is no variable: settings of the process
_SHAPED = frozenset(("numpy", "pandas"))


class Store:
    """The folder with the states after each stage."""

    def __init__(self, folder: Path, pipeline: Pipeline, kind: str = "json") -> None:
        self.folder, self.pipeline, self.kind = folder, pipeline, kind

    def path(self, index: int) -> Path:
        """The file with the state after a stage."""
        name = self.pipeline.stages[index].name
        return self.folder / f"{index + 1:03}-{name}.{self.kind}"

    def read(self, index: int) -> dict[str, Any] | None:
        """The state after a stage; None where it is not there."""
        try:
            return json.loads(self.path(index).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def write(self, index: int, state: Mapping[str, Any]) -> None:
        """Keep the state after a stage."""
        write_text(self.path(index), json.dumps(state))

    def size(self, index: int) -> int:
        """How many bytes the values after a stage have on disk."""
        groups = (self.read(index) or {"groups": []})["groups"]
        files = [name for one in groups for name in files_of(one)]
        return sum((self.folder / name).stat().st_size for name in files)

    def forget(self, index: int) -> None:
        """A state that is not true any more."""
        self.path(index).unlink(missing_ok=True)


def files_of(group: Mapping[str, Any]) -> list[str]:
    """The names of the files of a group: its pickle, and what lies beside it."""
    return [group["file"], *group.get("data", ())]


def write_text(path: Path, text: str) -> None:
    """Write a file so that nobody sees half of it."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


class Keeper:
    """Takes a session's state from the store, and back to it."""

    def __init__(self, session: Session, store: Store) -> None:
        self.session, self.store = session, store
        self.pipeline, self.names = session.pipeline, session.names
        self.waiting: list[dict[str, Any]] = []  # groups that are not loaded
        self.world = World(self.pipeline.package, session.module)
        self.before = owned.Before()
        self.ran: list[Path] = []  # stages in this process
        self.order: list[str] = []  # in which the names were bound
        self.saved: dict[str, Any] = {}  # the values that were stored last
        self.is_open = False  # frames and arrays lie in files that others read

    def enter(self, state: dict[str, Any] | None) -> None:
        """Go to the folder and the environment that the stage before left."""
        if state is not None:
            ambient.set_surroundings(state["surroundings"])

    def begin(self, state: dict[str, Any] | None) -> None:
        """Set everything else but the variables as the stage before left it."""
        if state is not None:
            if state.get("inline"):
                kernel.stay_inline()
            ambient.import_again(state["modules"])
        with contextlib.redirect_stdout(
            io.StringIO() if state is not None else sys.stdout
        ):
            self.session.prepare()
        self.world = World(self.pipeline.package, self.session.module)
        self.world.assigned = owned.assigned_attributes(self.pipeline)
        self.world.patched = self.pipeline.patched
        self.before.look(self.world)
        if state is not None:
            for name in (*self.pipeline.definitions, *self.pipeline.constants):
                if name not in state["bound"]:
                    self.names.pop(name, None)
            self.waiting, self.order = state["groups"], state["order"]
            self.session.extensions = state["extensions"]
            known = self._load(lambda name: name.startswith(_AMBIENT))
            self.session.in_context(self._set_ambient, known)

    def load_for(self, stage: Stage) -> None:
        """Load the groups that hold what a stage needs."""
        needed = {*stage.inputs, *self.pipeline.always}
        self._load(needed.__contains__)
        for name in self.order:  # the order is what loops over globals() see
            if name in self.names:
                self.names[name] = self.names.pop(name)

    def _load(self, wanted: Callable[[str], bool]) -> dict[str, Any]:
        """Load the groups with a wanted name; the settings that are in them."""
        chosen = [one for one in self.waiting if any(map(wanted, one["names"]))]
        known: dict[str, Any] = {}
        self.waiting = [one for one in self.waiting if one not in chosen]
        for group in chosen:
            path = self.store.folder / group["file"]
            data = [self.store.folder / name for name in group.get("data", ())]
            reader = formats.Reader(data)
            with open(path, "rb") as file:
                values = self.session.in_context(storage.load, file, self.world, reader)
            valid = set(group["names"])
            for name, value in values.items():
                if name.startswith(_AMBIENT):
                    known[name] = value
                elif name in valid:
                    self.names[name] = value
        return known

    def _set_ambient(self, known: dict[str, Any]) -> None:
        mine = {name[2:]: known[name] for name in known if name[:2] == "@@"}
        owned.set_state(mine, self.world)
        names = [name for name in known if name[:2] != "@@"]
        ambient.set_state({name[1:]: known[name] for name in names})

    # -- writing -------------------------------------------------------------------------

    def save(self, index: int) -> None:
        """Write the state after a stage; UnstorableError where that is impossible."""
        package = Path(__file__).parents[1]
        self.ran.append(package / "stages" / f"{self.pipeline.stages[index].name}.py")
        mentioned = owned.mentioned([package / "functions.py", *self.ran])
        obstacles.check(self.session, self.world, mentioned)
        self.session.in_context(self._save, index)

    def _save(self, index: int) -> None:
        self.world.look_around()
        for name in self.pipeline.stages[index].deletes:
            self._forget(name)
        needed = self._needed(index)
        values = {name: self.names[name] for name in needed if name in self.names}
        for name in values:
            self._forget(name)
        passed = [one for one in self.waiting if needed & set(one["names"])]
        settings = self.settings()
        values.update(settings)
        problem = holding.held(self.world, owned.carried(settings))
        if problem:
            raise UnstorableError(problem)
        groups = self._write_groups(index, values)
        self.saved = values
        bound = [name for name in self.pipeline.always if name in self.names]
        state = {
            "stage": self.pipeline.stages[index].name,
            "groups": [*passed, *groups],
            "surroundings": ambient.surroundings(),
            "modules": ambient.imported(self.world),
            "inline": kernel.is_inline(),
            "bound": bound,
            "order": self._order(),
            "extensions": self.session.extensions,
        }
        self.store.write(index, state)

    def took(self, index: int) -> dict[str, Any]:
        """What the stage took of the machine: memory, and room for the state after it."""
        took = {"memory_mb": usage.memory_mb(), "bytes": self.store.size(index)}
        return {**took, "shapes": self._shapes(index)}

    def _shapes(self, index: int) -> dict[str, str]:
        """How large the frames and arrays are that a stage hands on."""
        outputs = self.pipeline.stages[index].outputs
        shapes = {name: _shape(self.names.get(name)) for name in outputs}
        return {name: " x ".join(map(str, one)) for name, one in shapes.items() if one}

    def settings(self) -> dict[str, Any]:
        """What is no variable, by the names under which it is stored."""
        known = _named("settings of the process", ambient.state)
        mine = owned.state(self.world, self.before)
        return {f"@{part}": value for part, value in known.items()} | {
            f"@@{part}": value for part, value in mine.items()
        }

    def _order(self) -> list[str]:
        """The names as they were bound, those among them that are not loaded."""
        waiting = {name for group in self.waiting for name in group["names"]}
        known = [one for one in self.order if one in waiting or one in self.names]
        bound = iter(self.names)
        mixed = [one if one not in self.names else next(bound) for one in known]
        return [*mixed, *bound]

    def _forget(self, name: str) -> None:
        for group in self.waiting:
            if name in group["names"]:
                group["names"] = [one for one in group["names"] if one != name]

    def _needed(self, index: int) -> set[str]:
        later = self.pipeline.stages[index + 1 :]
        needed = {name for stage in later for name in stage.inputs}
        for name in self.pipeline.kept_open:
            if not getattr(self.names.get(name), "closed", False):
                needed.add(name)
        return needed.union(self.pipeline.always)

    def _write_groups(self, index: int, values: dict[str, Any]) -> list[dict[str, Any]]:
        """Write each value alone, then those together that share something."""
        paths: dict[str, Path] = {}
        owners: dict[int, str] = {}
        kept: list[Any] = []  # so that no identity is used twice
        links: dict[str, str] = {name: name for name in values}
        held = {key for value in values.values() for key in _identity(value)}
        for number, (name, value) in enumerate(values.items()):
            path = self.store.folder / f"{index + 1:03}-{number}.{os.getpid()}.part"
            reached = self._write(path, {name: value}, name, held)
            paths[name] = path
            kept.append(reached)
            for key in (*reached, *_identity(value)):
                other = owners.setdefault(key, name)
                _link(links, other, name)
        del kept
        return self._together(index, values, paths, links)

    def _together(
        self,
        index: int,
        values: dict[str, Any],
        paths: dict[str, Path],
        links: dict[str, str],
    ) -> list[dict[str, Any]]:
        members: dict[str, list[str]] = {}
        for name in values:
            members.setdefault(_first(links, name), []).append(name)
        groups = []
        for number, names in enumerate(members.values()):
            path = self.store.folder / f"{index + 1:03}-{number}.pickle"
            part = paths[names[0]]
            if len(names) > 1:
                for name in names[1:]:
                    paths[name].unlink()
                together = {name: values[name] for name in names}
                self._write(part, together, " and ".join(names))
            digest = _digest_of(part)
            groups.append({"file": path.name, "names": names, "digest": digest})
            paths[path.name] = part
        if self.is_open:
            self._open(groups, paths, values)
        closed = [group for group in groups if "data" not in group]
        self._try_to_load([paths[group["file"]] for group in closed], closed)
        for group in groups:
            os.replace(paths[group["file"]], self.store.folder / group["file"])
        return groups

    def _open(
        self,
        groups: list[dict[str, Any]],
        paths: dict[str, Path],
        values: dict[str, Any],
    ) -> None:
        """Put frames and arrays into files of their own, those that come back exactly."""
        tries = [_Try(group, values, self.store.folder) for group in groups]
        tries = [one for one in tries if one.covers.files]
        for one in tries:
            one.undo()  # what an earlier run has left

        def write_all() -> None:  # in another process, where it leaves no traces
            for one in tries:
                try:
                    self._write_open(one, paths[one.group["file"]])
                except Exception:  # noqa: BLE001
                    one.undo()

        if tries and obstacles.problem_of(write_all):
            for one in tries:
                one.undo()
        for one in tries:
            if one.rest.exists():
                part = paths[one.group["file"]]
                os.replace(one.rest, part)
                found = [path for path in one.data if path.exists()]
                one.group["digest"] = _digest_of(part)
                one.group["data"] = [path.name for path in found]
                one.group["data_digests"] = [_digest_of(path) for path in found]

    def _write_open(self, one: _Try, part: Path) -> None:
        """Write all files; ValueError where they do not give what the pickle `part` gives."""
        one.write()
        one.covers.find()
        with open(one.rest, "wb") as file:
            storage.dump(one.covers.values, file, self.world, (), one.covers)
        told = []
        for path, reader in ((part, None), (one.rest, formats.Reader(one.data))):
            with open(path, "rb") as file:
                covers = formats.Covers(storage.load(file, self.world, reader))
            covers.find()
            structure = io.BytesIO()
            storage.dump(covers.values, structure, self.world, (), covers)
            told.append((covers, structure.getvalue()))
        formats.check(told[0][0], told[1][0])
        if told[0][1] != told[1][1]:
            raise ValueError("another structure")

    def _write(
        self,
        path: Path,
        values: dict[str, Any],
        name: str,
        held: Collection[int] = (),
    ) -> Any:
        try:
            with open(path, "wb") as file:
                return storage.dump(values, file, self.world, held)
        except UnstorableError as error:
            raise UnstorableError(f"{_shown(name)} ({error})") from None

    def _try_to_load(self, paths: list[Path], groups: list[dict[str, Any]]) -> None:
        def read_all() -> None:
            for path, group in zip(paths, groups):
                try:
                    with open(path, "rb") as file:
                        storage.load(file, self.world)
                except Exception as error:
                    name = _shown(" and ".join(group["names"]))
                    raise UnstorableError(f"{name} ({error})") from error

        problem = obstacles.problem_of(read_all)
        if problem:
            raise UnstorableError(problem)


class _Try:
    """A group that may go into files that others read, and a pickle with the rest."""

    def __init__(
        self, group: dict[str, Any], values: Mapping[str, Any], folder: Path
    ) -> None:
        self.group, self.folder = group, folder
        self.covers = formats.Covers({name: values[name] for name in group["names"]})
        if group["names"][0].startswith(_AMBIENT):
            self.covers.files = []
        self.rest = folder / f"{group['file']}.{os.getpid()}.rest.part"

    @property
    def names(self) -> list[str]:
        """The values that have files of their own."""
        return [one.name for one in self.covers.files]

    @property
    def data(self) -> list[Path]:
        """These files."""
        stem = Path(self.group["file"]).stem
        files = self.covers.files
        return [self.folder / f"{stem}-{one.name}{one.suffix}" for one in files]

    def write(self) -> None:
        """Write the files; what a format does not know has none."""
        kept = []
        for file, path in zip(self.covers.files, self.data):
            try:
                formats.write(file, path)
                kept.append(file)
            except Exception:  # noqa: BLE001
                path.unlink(missing_ok=True)
        self.covers.files = kept

    def undo(self) -> None:
        """Leave the values in their pickle."""
        for path in [*self.data, self.rest]:
            path.unlink(missing_ok=True)


def _shape(value: Any) -> tuple[int, ...]:
    """The shape of a library's frame or array; no class of the notebook is asked."""
    if type(value).__module__.partition(".")[0] not in _SHAPED:
        return ()
    shape = getattr(value, "shape", None)
    return shape if type(shape) is tuple else ()


def _named(what: str, take: Any) -> Any:
    try:
        return take()
    except Exception as error:  # noqa: BLE001
        raise UnstorableError(f"{what} ({error})") from None


def _shown(name: str) -> str:
    return name.replace("@@", "state of ").replace("@", "settings of ")


def _identity(value: Any) -> list[int]:
    """Two names of one object stay two names of one object, whatever it is."""
    is_common = value is None or isinstance(value, (bool, bytes))
    if isinstance(value, str):
        is_common = len(value) < 2 or value.isidentifier()
    if type(value) is int:
        is_common = not storage.has_identity(value)
    if isinstance(value, (tuple, frozenset)):
        is_common = not value
    is_empty = type(value) in (str, bytes, tuple) and not value
    return [] if is_common or is_empty else [id(value)]


def _first(links: dict[str, str], name: str) -> str:
    while links[name] != name:
        name = links[name]
    return name


def _link(links: dict[str, str], one: str, other: str) -> None:
    first, second = _first(links, one), _first(links, other)
    if first != second:
        links[second] = first


def _digest_of(path: Path) -> str:
    whole = hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            whole.update(chunk)
    return whole.hexdigest()
