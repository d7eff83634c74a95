"""A scratch copy of the notebook's surroundings, so that a run can neither see nor touch the originals.

All runs use the same absolute paths, one after the other: a notebook that prints its folder prints the same.
"""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nb2pipe.errors import EnvironmentFault, InputError

LIMIT_BYTES = 2 << 30
_LEAST_BYTES = 1 << 16
_NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_FULL = "the disk for temporary files is full; free some space or set TMPDIR"
_SKIPPED_FOLDERS = frozenset({".git", "__pycache__", ".ipynb_checkpoints", "node_modules"})
_OUR_FOLDERS = ("runs", "reports")  # of a converted project
_CLONE = 0x40049409  # FICLONE: the copy shares the disk's blocks until one of the two is written


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which files of a tree are copied."""

    excluded: frozenset[Path] = frozenset()
    # Only these files, and what lies in these folders; all where it is empty.
    kept: frozenset[Path] = frozenset()

    def leaves_out(self, path: Path) -> bool:
        """Whether a folder is passed over."""
        if not self.holds(path) and not any(one.is_relative_to(path) for one in self.kept):
            return True  # without a look into it: it may be somebody else's
        is_cache = path.name in _SKIPPED_FOLDERS or (path / "CACHEDIR.TAG").exists()
        return is_cache or path in self.excluded or (path / "pyvenv.cfg").exists()

    def holds(self, path: Path) -> bool:
        """Whether a file is copied, as far as what is kept decides."""
        return not self.kept or any(path.is_relative_to(one) for one in self.kept)


@dataclass(frozen=True, slots=True)
class Scratch:
    """A temporary folder with room for one run at a time."""

    home: Path
    root: Path  # what is copied
    place: Path  # the notebook's folder, relative to the root
    choice: _Choice

    @property
    def work(self) -> Path:
        """The copy of the root."""
        return self.home / "work" / self.root.name

    @property
    def folder(self) -> Path:
        """The copy of the notebook's folder: where a run starts."""
        return self.work / self.place

    def fresh(self) -> None:
        """Make the copy anew, and an empty folder for temporary files."""
        for name in ("work", "tmp"):
            shutil.rmtree(self.home / name, ignore_errors=True)
            (self.home / name).mkdir()
        with disk_faults():
            _copy(self.root, self.work, self.choice)

    def copy_project(self, project: Path) -> Path:
        """A copy of the converted project, beside the work, without what its runs left."""
        target = self.home / "project"
        shutil.rmtree(target, ignore_errors=True)
        with disk_faults():
            _copy(project, target, _Choice(frozenset(project.resolve() / name for name in _OUR_FOLDERS)))
        return target

    @property
    def around(self) -> tuple[str, ...]:
        """What is copied, relative to the notebook's folder."""
        folder = self.root / self.place
        return tuple(
            sorted(Path(os.path.relpath(one, folder)).as_posix() for one in self.choice.kept or (self.root,))
        )

    def originals(self) -> Iterator[tuple[str, Path]]:
        """Every file that is copied for a run, by its name below the root."""
        for path in sorted(_files(self.root, self.choice)):
            yield path.relative_to(self.root).as_posix(), path

    def snapshot(self) -> dict[str, tuple[int, int]]:
        """Size and time of change of every file of the work."""
        found = {}
        for path in _files(self.work):
            status = path.stat()
            found[path.relative_to(self.work).as_posix()] = (status.st_size, status.st_mtime_ns)
        return found

    def changed(self, before: Mapping[str, tuple[int, int]]) -> dict[str, Path | None]:
        """Files that were written since `before`; None for those that are gone."""
        after = self.snapshot()
        changed: dict[str, Path | None] = {name: None for name in before if name not in after}
        for name, status in after.items():
            if before.get(name) != status and not self._same_as_original(name):
                changed[name] = self.work / name
        return dict(sorted(changed.items()))

    def _same_as_original(self, name: str) -> bool:
        original = self.root / name
        return original.is_file() and digest_of(original) == digest_of(self.work / name)


@contextmanager
def scratch_of(
    notebook: Path,
    project: Path | None = None,
    root: Path | None = None,
    copy_all: bool = False,
    reached: Collection[Path] = (),
) -> Iterator[Scratch]:
    """A scratch place for runs of this notebook; it is removed at the end.

    `reached`: paths outside of the notebook's folder that its text names. They are copied, too, where nothing tells
    what the project's folder is.
    """
    folder = notebook.resolve().parent
    top, kept = _top(folder, root), frozenset[Path]()
    outside = frozenset(path for path in reached if not path.is_relative_to(top))
    if root is None and top == folder and outside:
        kept = outside | {folder}
        top = Path(os.path.commonpath(kept))
    choice = _Choice(frozenset({project.resolve()} if project else ()), kept)
    if not copy_all:
        _check_size(top, choice)
    with disk_faults():
        home = Path(tempfile.mkdtemp(prefix="nb2pipe-")).resolve()
    try:
        yield Scratch(home, top, folder.relative_to(top), choice)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def disk_faults() -> Iterator[None]:
    """Say in one sentence that a disk is full or not writable."""
    try:
        yield
    except shutil.Error as error:  # a tree of which some files could not be copied
        path, _, why = error.args[0][0]
        if _is_full(str(why)):
            raise EnvironmentFault(_FULL) from error
        raise EnvironmentFault(f"a scratch copy cannot be made: {path}: {why}") from error
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise EnvironmentFault(_FULL) from error
        raise EnvironmentFault(
            f"a scratch copy cannot be made: {error.strerror or error} ({error.filename})"
        ) from error


def _is_full(text: str) -> bool:
    """Whether an exception's text tells of a disk that takes no more."""
    return any(f"[Errno {number}]" in text for number in _NO_ROOM)


def check_room(scratch: Scratch, *said: str) -> None:
    """EnvironmentFault where a run has filled the disk: what it did says nothing about the notebook."""
    if any(map(_is_full, said)) or shutil.disk_usage(scratch.home).free < _LEAST_BYTES:
        raise EnvironmentFault(_FULL)


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _top(folder: Path, root: Path | None) -> Path:
    if root is not None:
        top = root.resolve()
        if not folder.is_relative_to(top):
            raise InputError(f"--root {root} does not hold the notebook; name a folder above it")
        return top
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)


def _check_size(top: Path, choice: _Choice) -> None:
    total = 0
    for path in _files(top, choice):
        total += path.stat().st_size
        if total > LIMIT_BYTES:
            raise InputError(
                f"{top} holds more than 2 GB, which every run would copy; name a smaller folder with --root, or give --copy-all"
            )


def _files(top: Path, choice: _Choice = _Choice()) -> Iterator[Path]:
    for folder, names, files in os.walk(top, followlinks=False):
        here = Path(folder)
        names[:] = [name for name in names if not choice.leaves_out(here / name)]
        yield from (here / name for name in files if choice.holds(here / name) and (here / name).is_file())


def _copy(source: Path, target: Path, choice: _Choice) -> None:
    """Files are copied, never linked: a run may write into them."""

    def ignore(folder: str, names: list[str]) -> set[str]:
        here = Path(folder)
        return {
            name
            for name in names
            if (choice.leaves_out(here / name) if (here / name).is_dir() else not choice.holds(here / name))
        }

    shutil.copytree(
        source,
        target,
        ignore=ignore,
        copy_function=_copy_file,
        ignore_dangling_symlinks=True,
        dirs_exist_ok=True,  # the root of the disk has no name for a folder of its own
    )


def _copy_file(source: str, target: str) -> str:
    if not _cloned(source, target):
        shutil.copyfile(source, target)
    shutil.copystat(source, target)
    Path(target).chmod(Path(target).stat().st_mode | 0o600)
    return target


def _cloned(source: str, target: str) -> bool:
    try:
        import fcntl  # not everywhere

        with Path(source).open("rb") as read, Path(target).open("wb") as write:
            fcntl.ioctl(write.fileno(), _CLONE, read.fileno())
    except (ImportError, OSError):
        return False
    return True
