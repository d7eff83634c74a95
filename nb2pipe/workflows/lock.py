"""A converted project on disk, as its lock tells of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nb2pipe import notebooks
from nb2pipe.errors import InputError
from nb2pipe.notebooks import Lifted
from nb2pipe.verification import StageCells


@dataclass(frozen=True, slots=True)
class Project:
    """Where a project lies, and which cells of which notebook it was made of."""

    folder: Path
    notebook: Path
    digest: str
    package: str
    stages: tuple[StageCells, ...]
    skipped: frozenset[int]


def read_project(folder: Path, notebook: Path | None = None) -> Project:
    """What the project's lock says; `notebook` stands in for the lock's own place of it."""
    lock_path = folder / "nb2pipe.lock"
    try:
        lock = json.loads(lock_path.read_text(encoding="utf-8"))
        stages = tuple(StageCells(one["name"], one["kind"], tuple(one["cells"])) for one in lock["stages"])
        place = notebook or folder.resolve() / lock["notebook"]
        options = lock.get("options", {})
        project = Project(folder.resolve(), place.resolve(), lock["digest"], lock["package"], stages,
                          frozenset(options.get("skip_cells", ())))  # fmt: skip
    except FileNotFoundError:
        raise InputError(f"{folder} is no project that nb2pipe made: it has no nb2pipe.lock") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{lock_path} cannot be read; convert the notebook again with --force") from None
    return project


def cells_of(project: Project) -> tuple[Lifted, ...]:
    """The notebook's cells in the order of the plan; InputError where it is not the notebook that was converted."""
    found = notebooks.read(project.notebook)
    if found.digest != project.digest:
        raise InputError(
            f"{project.notebook.name} has changed since it was converted;"
            f" run nb2pipe convert {project.notebook.name} -o {project.folder.name} --force first"
        )
    lifted = {one.cell.number: one for one in notebooks.lift_all(found)}
    return tuple(
        lifted[number] for number in _order(project, sorted(lifted)) if number not in project.skipped
    )


def _order(project: Project, numbers: Sequence[int]) -> list[int]:
    """The document's order, or the plan's where that is another; cells in no stage follow the one before them."""
    planned = list(
        dict.fromkeys(number for stage in project.stages for number in stage.cells if number in numbers)
    )
    if planned == sorted(planned):
        return list(numbers)
    followers: dict[int, list[int]] = {}
    anchor = 0
    for number in numbers:
        if number in planned:
            anchor = number
        else:
            followers.setdefault(anchor, []).append(number)
    order = list(followers.get(0, ()))
    for number in planned:
        order += [number, *followers.get(number, ())]
    return order
