"""A repository that was edited by hand, and a newer nb2pipe -> the changes that bring both together."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from nb2pipe import __version__, planning, rendering, scaffold
from nb2pipe.analysis import Facts
from nb2pipe.errors import InputError
from nb2pipe.execution.merging import merged
from nb2pipe.planning import Plan, Wish
from nb2pipe.rendering import LOCK, FileTree
from nb2pipe.scaffold import ANSWERS, BASE, Answers, Change, Ground, Part

from .convert import read_facts
from .lock import Project, read_project

_LABELS = ("yours", "as it was made", f"nb2pipe {__version__}")


@dataclass(frozen=True, slots=True)
class Update:
    """What becomes of the files, and what is written down of it."""

    folder: Path
    ours: FileTree
    changes: tuple[Change, ...]
    records: FileTree  # lock and base: they follow the templates, whatever was edited

    @property
    def is_needed(self) -> bool:
        """Whether any file would be another one."""
        return any(change.what != "kept" for change in self.changes)

    @property
    def conflicts(self) -> tuple[Change, ...]:
        """The files in which somebody has to choose."""
        return tuple(change for change in self.changes if change.what == "conflict")


def answers_in(folder: Path) -> Answers:
    """What was chosen when the repository was made, or by hand since."""
    text = _text(folder / ANSWERS)
    if text is None:
        raise InputError(f"{folder} has no {ANSWERS}: only what nb2pipe scaffold made can be updated")
    return scaffold.answers_of(text)


def update_of(folder: Path, answers: Answers) -> Update:
    """The update of what stands around the pipeline; the pipeline itself stays as it was proved."""
    project = read_project(folder)
    lock = json.loads((folder / LOCK).read_text(encoding="utf-8"))
    parts = scaffold.with_needed(answers.parts)
    pipeline = _read(folder, (path for path in lock["files"] if path.endswith(".py")))
    ground = _ground(project, lock, parts)
    theirs = scaffold.made_around(pipeline, ground, answers, parts)
    base = _base(folder)
    ours = _read(folder, {*base, *theirs})
    found = scaffold.changes(base, ours, theirs, partial(merged, labels=_LABELS))
    return Update(folder, ours, found, _records(lock, base, theirs, ground, parts))


def write(update: Update) -> None:
    """Write what changes; what was deleted or edited by hand is left so."""
    told = {change.path: change.text for change in update.changes if change.text is not None}
    rendering.add({**told, **update.records}, update.folder)
    rendering.remove((one.path for one in update.changes if one.what == "removed"), update.folder)


def as_diff(update: Update) -> Iterator[str]:
    """Lines of what would change, as `git diff` shows it."""
    for change in update.changes:
        if change.what != "kept":
            before, after = update.ours.get(change.path, ""), change.text or ""
            lines = (before.splitlines(keepends=True), after.splitlines(keepends=True))
            yield from difflib.unified_diff(*lines, f"a/{change.path}", f"b/{change.path}")


def _base(folder: Path) -> FileTree:
    text = _text(folder / BASE)
    if text is None:
        raise InputError(f"{folder} has no {BASE}, so nobody knows what was edited in it; scaffold it anew")
    return scaffold.base_files(text)


def _records(
    lock: Mapping[str, Any], base: FileTree, theirs: FileTree, ground: Ground, parts: Sequence[Part]
) -> FileTree:
    base_text = scaffold.base_text(theirs)
    new = rendering.digests({**theirs, BASE: base_text})
    kept = {path: digest for path, digest in lock["files"].items() if path not in base}
    known = {**lock, "files": {**kept, **new}}
    return {LOCK: scaffold.lock_of(known, ground, parts), BASE: base_text}


def _ground(project: Project, lock: Mapping[str, Any], parts: Sequence[Part]) -> Ground:
    facts = read_facts(project.notebook, lock.get("options", {}).get("order", "auto"))
    if facts.notebook.digest != project.digest:
        raise InputError(
            f"{project.notebook.name} has changed since the repository was made, and an update brings templates only;"
            " scaffold the changed notebook anew"
        )
    told = lock["ground"]
    return Ground(
        plan=_plan(facts, project),
        notebook=project.notebook.name,
        folder=str(PurePosixPath(lock["notebook"]).parent),
        story=tuple(cell.source for cell in facts.notebook.cells if cell.kind == "markdown"),
        names=tuple(part.name for part in parts),
        python=told["python"],
        inputs=tuple(told["inputs"]),
        written=tuple(told["written"]),
        too_big=tuple(told["too_big"]),
        requirements=tuple(told["requirements"]),
        constraints=tuple(told["constraints"]),
        observed=_observed(project),
    )


def _plan(facts: Facts, project: Project) -> Plan:
    """The plan with the stages that the repository has."""
    starts = {stage.cells[0]: stage.name for stage in project.stages if stage.cells}
    wish = Wish(
        package=project.package,
        script_cells=frozenset(cell for one in project.stages if one.kind == "script" for cell in one.cells),
        skip_cells=project.skipped,
        cuts=tuple(starts),
        names=starts,
    )
    return planning.plan(facts, wish)


def _observed(project: Project) -> FileTree:
    """What runs of the pipeline filled in; the repository makes it again with `make observe` and `make docs`."""
    kept = f"{project.package}/observed"
    paths = [*(project.folder / kept).glob("*.json")]
    return _read(project.folder, (path.relative_to(project.folder).as_posix() for path in paths))


def _read(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    """Those of the files that are there."""
    texts = {path: _text(folder / path) for path in paths}
    return {path: text for path, text in texts.items() if text is not None}


def _text(path: Path) -> str | None:
    if not path.is_file():
        return None
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path} is no text in UTF-8, so it cannot be merged; move it away first") from None
