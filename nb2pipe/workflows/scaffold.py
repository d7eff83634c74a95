"""Notebook -> a repository that a team can run: the converted pipeline, and what the chosen parts bring."""

import dataclasses
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from nb2pipe import execution, rendering, scaffold
from nb2pipe.analysis import Facts
from nb2pipe.audit import View, find
from nb2pipe.errors import InputError
from nb2pipe.execution.pins import closure_of
from nb2pipe.graph import build
from nb2pipe.rendering import Copies, FileTree
from nb2pipe.scaffold import Answers, Ground

from .carried import carried
from .convert import Converted

_SECRETS = ("secret-in-source", "secret-in-output")


@dataclass(frozen=True, slots=True)
class Repository:
    """What is written: files that were made, and the notebook with its data."""

    tree: FileTree
    copies: Copies
    ground: Ground
    answers: Answers
    converted: FileTree


def check(target: Path, notebook: Path) -> None:
    """Refuse a folder that something lies in: a repository holds more than what nb2pipe wrote."""
    if target.resolve() == notebook.resolve().parent:
        raise InputError(f"{target} is the notebook's own folder; choose another one with -o")
    if target.is_dir() and any(target.iterdir()):
        raise InputError(f"{target} is not empty; choose another folder with -o")


def scaffolded(
    notebook: Path, target: Path, converted: Converted, answers: Answers, python: str
) -> Repository:
    """The repository around a converted notebook; nothing is written yet, and nothing was observed."""
    ground, copies = _ground(notebook, target, converted, python)
    return _assembled(Repository({}, copies, ground, answers, _at_home(converted, ground.folder).tree))


def _assembled(repository: Repository) -> Repository:
    parts = scaffold.with_needed(repository.answers.parts)
    names = tuple(part.name for part in parts)
    ground = dataclasses.replace(repository.ground, names=names)
    tree = scaffold.assemble(repository.converted, ground, repository.answers, parts)
    return dataclasses.replace(repository, tree=tree, ground=ground)


def filled(repository: Repository, python: str, timeout: float) -> Repository:
    """The same, with what a run of its own pipeline shows; RefusedError where that has not what a part needs."""
    from nb2pipe.execution.observing import observe

    with execution.disk_faults(), tempfile.TemporaryDirectory(prefix="nb2pipe-") as name:
        folder = Path(name) / "repository"
        rendering.write(repository.tree, folder, copies=repository.copies)
        seen = observe(python, folder, repository.ground.package, timeout)
    ground = dataclasses.replace(repository.ground, observed=seen)
    return _assembled(dataclasses.replace(repository, ground=ground))


def filled_as_far_as_it_goes(
    repository: Repository, python: str, timeout: float, say: Callable[[str], object]
) -> Repository:
    """The same, without the parts that the run has nothing for; they are named."""
    from nb2pipe.execution.observing import NotSeenError

    while True:
        try:
            return filled(repository, python, timeout)
        except NotSeenError as error:
            kept = tuple(name for name in repository.answers.parts if not _stands_on(name, error.record))
            left_out = [name for name in repository.answers.parts if name not in kept]
            if not left_out:
                raise
            say(f"{error}; left out: {', '.join(left_out)}")
            answers = dataclasses.replace(repository.answers, parts=kept)
            repository = _assembled(dataclasses.replace(repository, answers=answers))


def _stands_on(name: str, record: str) -> bool:
    """Whether a part needs what this record of a run tells."""
    return any(record in part.records for part in scaffold.with_needed([name]))


def waiting(facts: Facts, names: Iterable[str]) -> str:
    """The sentence on parts that have to do with a model, where the notebook fits none; "" where it may."""
    if scaffold.fits_model(facts):
        return ""
    stood_on = [part.name for part in scaffold.with_needed(names) if "model" in part.records]
    if not stood_on:
        return ""
    return f"the notebook fits no model: {', '.join(stood_on)} waits for one, and its tests are skipped"


def secrets(facts: Facts) -> list[str]:
    """Where the notebook, which goes into the repository, holds what should not be read there."""
    view = View(build(facts), frozenset())
    rules = [entry for name in _SECRETS if (entry := find(name))]
    found = sorted({(one.spot.cell, one.message) for rule in rules for one in rule.check(view)})
    return [f"cell {cell}: {message}" for cell, message in found]


def needs_run(names: Iterable[str]) -> bool:
    """Whether some of these parts, or what comes with them, are filled from an observed run."""
    return any(part.is_observed for part in scaffold.with_needed(names))


def _at_home(converted: Converted, folder: str) -> Converted:
    """The record of the proof's runs, for a repository: what lies around its notebook is its notebook/."""
    path = "tests/recorded.json"
    if path not in converted.tree:
        return converted
    told = json.loads(converted.tree[path]) | {"around": [os.path.relpath("notebook", folder)]}
    text = json.dumps(told, indent=1, ensure_ascii=True) + "\n"
    return dataclasses.replace(converted, tree={**converted.tree, path: text})


def write(repository: Repository, target: Path) -> None:
    """Write the repository."""
    rendering.write(repository.tree, target, copies=repository.copies)


def _ground(notebook: Path, target: Path, converted: Converted, python: str) -> tuple[Ground, Copies]:
    requirements = tuple(converted.tree["requirements.txt"].splitlines())
    version, pins = closure_of(python, [line.partition("==")[0] for line in requirements])
    taken = carried(notebook, target, converted.facts)
    ground = Ground(
        plan=converted.plan,
        notebook=notebook.name,
        folder=taken.place(notebook),
        story=tuple(cell.source for cell in converted.facts.notebook.cells if cell.kind == "markdown"),
        inputs=taken.inputs,
        written=taken.written,
        too_big=taken.too_big,
        python=version,
        names=(),
        requirements=requirements,
        constraints=pins,
    )
    copied = {f"notebook/{path}": taken.top / path for path in taken.inputs if path not in taken.too_big}
    return ground, {f"{ground.folder}/{notebook.name}": notebook, **copied}
