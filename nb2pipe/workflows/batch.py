"""A folder of notebooks -> a folder of projects, one result line each; what is unchanged is not done again."""

import concurrent.futures
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nb2pipe.errors import InputError, Nb2pipeError
from nb2pipe.planning import NO_WISH, Wish

from . import convert as single

_SKIPPED_FOLDERS = frozenset((".ipynb_checkpoints", ".git", "node_modules", ".venv", "venv", "__pycache__"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one notebook."""

    notebook: str  # relative to the folder
    status: str  # "converted", "unchanged", "refused", "unreadable", "failed"
    detail: str
    stages: int = 0


def convert_folder(
    folder: Path,
    output: Path,
    wish: Wish = NO_WISH,
    python: str | None = None,
    jobs: int = 1,
    force: bool = False,
) -> Iterator[Outcome]:
    """Convert every notebook below `folder` to `output/<relative path>/`, results as they come."""
    found = sorted(path for path in folder.rglob("*.ipynb") if not _SKIPPED_FOLDERS & set(path.parts))
    found = [path for path in found if output.resolve() not in path.resolve().parents]
    if not found:
        raise InputError(f"{folder} holds no notebooks (*.ipynb)")
    tasks = [(folder, path, output, wish, python, force) for path in found]
    if jobs <= 1:
        yield from (_one(*task) for task in tasks)
        return
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        waiting = {pool.submit(_one, *task) for task in tasks}
        for done in concurrent.futures.as_completed(waiting):
            yield done.result()


def _one(folder: Path, path: Path, output: Path, wish: Wish, python: str | None, force: bool) -> Outcome:
    name = path.relative_to(folder).as_posix()
    target = output / path.relative_to(folder).with_suffix("")
    try:
        if _is_unchanged(path, target):
            return Outcome(name, "unchanged", "")
        single.check_target(path, target, force or (target / "nb2pipe.lock").is_file())
        converted = single.convert(path, target, wish, python)
        single.write(converted, target, force=True)
    except Nb2pipeError as error:
        return Outcome(name, {2: "unreadable", 3: "refused"}.get(error.exit_code, "failed"), str(error))
    except RecursionError:
        return Outcome(
            name, "refused", f"{path}: something is nested too deeply; say it in several statements"
        )
    except OSError as error:
        return Outcome(name, "failed", f"{error.filename or target}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - one odd notebook must not end the batch
        return Outcome(name, "failed", f"a bug in nb2pipe: {type(error).__name__}: {error}")
    return Outcome(name, "converted", "", len(converted.plan.stages))


def _is_unchanged(path: Path, target: Path) -> bool:
    try:
        lock = json.loads((target / "nb2pipe.lock").read_text(encoding="utf-8"))
        return bool(lock["digest"] == hashlib.sha256(path.read_bytes()).hexdigest())
    except (OSError, ValueError, KeyError, TypeError):
        return False
