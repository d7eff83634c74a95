"""The only writer to disk: a tree of files appears whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from nb2pipe.errors import EnvironmentFault, InputError

FileTree = Mapping[str, str]  # path below the target, with "/" -> text
Copies = Mapping[str, Path]  # path below the target -> the file whose bytes go there
NO_COPIES: Copies = {}


def write(tree: FileTree, target: Path, replace: bool = False, copies: Copies = NO_COPIES) -> None:
    """Write all files into a new folder `target`; with `replace`, in the place of the one that is there.

    Raises InputError when the folder is not empty, EnvironmentFault when the disk does not take it.
    """
    if target.is_dir() and any(target.iterdir()) and not replace:
        raise InputError(
            f"{target} is not empty; choose another folder, or use --force to replace a converted project"
        )
    if target.exists() and not target.is_dir():
        raise InputError(f"{target} is a file; name a folder with -o")
    try:
        _write(tree, copies, target)
    except OSError as error:
        raise EnvironmentFault(f"cannot write to {target}: {error.strerror or error}") from error


def add(tree: FileTree, folder: Path) -> None:
    """Write files into a folder that may hold others; each appears whole, or not at all."""
    try:
        for path, text in sorted(tree.items()):
            file = _inside(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_name(f".{file.name}.{os.getpid()}")
            try:
                part.write_bytes(text.encode("utf-8", "surrogatepass"))
                part.replace(file)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentFault(f"cannot write to {folder}: {error.strerror or error}") from error


def remove(paths: Iterable[str], folder: Path) -> None:
    """Remove files below a folder, and the folders that are empty then."""
    try:
        for path in paths:
            file = _inside(folder, path)
            file.unlink(missing_ok=True)
            for parent in file.parents:
                if parent == folder or not parent.is_dir() or any(parent.iterdir()):
                    break
                parent.rmdir()
    except OSError as error:
        raise EnvironmentFault(f"cannot remove files in {folder}: {error.strerror or error}") from error


def _inside(folder: Path, path: str) -> Path:
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise InputError(f"{path} would lie outside of the output folder")
    return folder.joinpath(*PurePosixPath(path).parts)


def _write(tree: FileTree, copies: Copies, target: Path) -> None:
    made = _first_missing(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            _fill(tree, staging)
            for path, source in sorted(copies.items()):
                _copy(source, _inside(staging, path))
            _swap(staging, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except BaseException:
        if made is not None and made != target:
            _remove_empty(target.parent, made)
        raise


def _fill(tree: FileTree, folder: Path) -> None:
    folder.chmod(0o777 & ~_umask())
    files = {_inside(folder, path): text for path, text in sorted(tree.items())}
    for parent in {file.parent for file in files}:
        parent.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        file.write_bytes(text.encode("utf-8", "surrogatepass"))


def _copy(source: Path, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, file)


def _swap(staging: Path, target: Path) -> None:
    if not target.exists():
        staging.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    try:
        target.rename(old / "before")
        try:
            staging.rename(target)
        except OSError:
            (old / "before").rename(target)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _first_missing(target: Path) -> Path | None:
    missing = [path for path in (target, *target.parents) if not path.exists()]
    return missing[-1] if missing else None


def _remove_empty(folder: Path, last: Path) -> None:
    while folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        if folder == last:
            return
        folder = folder.parent


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
