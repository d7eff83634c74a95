"""Adapters of a converted project for other engines: add, list, remove."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from nb2pipe import engines, execution, rendering
from nb2pipe.engines import Adapter, Engine
from nb2pipe.errors import EnvironmentFault, InputError
from nb2pipe.execution.pins import version_of
from nb2pipe.rendering import LOCK, FileTree

ENGINE = "engine:"  # begins the name of a mode
PROOF = "reports/proof.json"  # what the stages took when the pipeline was proved


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of an adapter's files."""

    removed: tuple[str, ...]
    kept: tuple[str, ...]  # edited by hand


def known() -> tuple[Engine, ...]:
    """All engines that an adapter can be made for."""
    return tuple(adapter.ENGINE for adapter in engines.engines().values())


def add(project: Path, name: str, python: str | None = None) -> tuple[Engine, str, tuple[str, ...]]:
    """Write the adapter into a project; how it is run, and the paths of what was written.

    InputError when a file of it was edited by hand, EnvironmentFault when `python` lacks the engine.
    """
    adapter = engines.engine_named(name)
    _check_installed(adapter.ENGINE, python)
    lock = _read_lock(project)
    definition = f"{lock['package']}/pipeline.py"
    proof = project / PROOF
    told = _text(proof) if proof.is_file() else ""
    files = _files(adapter, _text(project / definition), lock, told)
    in_the_way = [
        path for path, text in files.items() if _is_foreign(project / path, text, lock["files"].get(path))
    ]
    if in_the_way:
        names = ", ".join(sorted(in_the_way))
        raise InputError(f"{names} in {project} was edited or is not from nb2pipe; move it away first")
    rendering.add({**files, LOCK: _locked(lock, {name: files})}, project)
    return adapter.ENGINE, adapter.ENGINE.command(lock["package"]), tuple(sorted(files))


def remove(project: Path, name: str) -> Removed:
    """Take the adapter's files away, but for those that were edited or that another adapter needs."""
    lock = _read_lock(project)
    written = lock.get("engines", {})
    if name not in written:
        raise InputError(f"{project} has no adapter for {name!r}; it has: {', '.join(written) or 'none'}")
    shared = {path for other, paths in written.items() if other != name for path in paths}
    mine = [path for path in written[name] if path not in shared]
    kept = [path for path in mine if _is_edited(_below(project, path), lock["files"].get(path))]
    gone = [path for path in mine if path not in kept]
    lock["engines"] = {other: paths for other, paths in written.items() if other != name}
    lock["files"] = {path: digest for path, digest in lock["files"].items() if path not in mine}
    if not lock["engines"]:
        del lock["engines"]
    rendering.add({LOCK: rendering.lock_text(lock)}, project)
    rendering.remove(gone, project)
    return Removed(tuple(gone), tuple(kept))


def with_engines(tree: FileTree, names: Iterable[str], python: str | None = None) -> FileTree:
    """A project that is not written yet, with the adapters for these engines."""
    adapters = {name: engines.engine_named(name) for name in dict.fromkeys(names)}
    for adapter in adapters.values():
        _check_installed(adapter.ENGINE, python)
    lock = json.loads(tree[LOCK])
    text = tree[f"{lock['package']}/pipeline.py"]
    proof = tree.get(PROOF, "")
    added = {name: _files(adapter, text, lock, proof) for name, adapter in adapters.items()}
    files = {path: text for one in added.values() for path, text in one.items()}
    return {**tree, **files, LOCK: _locked(lock, added)} if added else tree


def check_known(names: Iterable[str], python: str | None) -> None:
    """Refuse an engine that there is not, or that the interpreter lacks, before anything runs."""
    for name in names:
        _check_installed(engines.engine_named(name).ENGINE, python)


def on_engine(project: execution.Project, name: str, settings: Sequence[str]) -> execution.Elsewhere:
    """How a copy of a project runs on an engine; the adapter is added where the project has none."""
    engine = engines.engine_named(name).ENGINE
    if settings:
        raise InputError(f"other parameters are proved without an engine: leave --set or --engine {name} out")
    if name not in _read_lock(project.folder).get("engines", {}):
        add(project.folder, name)
    run = engines.run_of(engine, project.folder, project.package)
    commands = tuple(one for one in (run.prepare, run.command) if one)
    return execution.Elsewhere(f"{ENGINE}{name}", commands, run.environment, run.folder)


def _files(adapter: Adapter, definition: str, lock: Mapping[str, Any], proof: str) -> FileTree:
    workdir = PurePosixPath(lock["notebook"]).parent.as_posix()
    return adapter.files(adapter.ENGINE, engines.definition_of(definition, workdir, proof))


def _check_installed(engine: Engine, python: str | None) -> None:
    """An interpreter that was named has to have the engine."""
    if python is None or not engine.distribution:
        return
    version = version_of(python, engine.distribution)
    if not version:
        raise EnvironmentFault(f"{python} does not have {engine.title}: {engine.install}")
    if not engine.supports(version):
        raise EnvironmentFault(f"{engine.title} {version} is not known to work: {engine.install}")


def _locked(lock: Mapping[str, Any], added: Mapping[str, FileTree]) -> str:
    files = {path: digest for one in added.values() for path, digest in rendering.digests(one).items()}
    engines_of = {**lock.get("engines", {}), **{name: sorted(files) for name, files in added.items()}}
    return rendering.lock_text({**lock, "engines": engines_of, "files": {**lock["files"], **files}})


def _read_lock(project: Path) -> dict[str, Any]:
    try:
        lock: dict[str, Any] = json.loads((project / LOCK).read_text(encoding="utf-8"))
        if all(
            isinstance(lock[key], kind)
            for key, kind in (("files", dict), ("package", str), ("notebook", str))
        ):
            return lock
    except FileNotFoundError:
        raise InputError(f"{project} is no project that nb2pipe made: it has no {LOCK}") from None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise InputError(f"{project / LOCK} cannot be read; convert the notebook again with --force")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise InputError(f"{path} cannot be read; convert the notebook again with --force") from None


def _below(project: Path, path: str) -> Path:
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise InputError(f"{LOCK} names {path}, which is outside of {project}")
    return project / path


def _is_foreign(path: Path, text: str, digest: str | None) -> bool:
    if path.is_file() and path.read_bytes() == text.encode("utf-8", "surrogatepass"):
        return False
    return path.exists() and _is_edited(path, digest)


def _is_edited(path: Path, digest: str | None) -> bool:
    return path.exists() and (not path.is_file() or _digest(path.read_bytes()) != digest)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
