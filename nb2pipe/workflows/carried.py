"""Which files go into a repository with its notebook, and where they lie there."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nb2pipe import scaffold
from nb2pipe.analysis import Facts

from .reached import reached

BIGGEST = 10 << 20  # bytes of data that go into a repository
_SKIPPED = frozenset({"__pycache__", "node_modules", "venv"})
_MOST_FILES = 5_000  # beside a notebook; who has more names them in the notebook's own folder


@dataclass(frozen=True, slots=True)
class Carried:
    """A folder that becomes the repository's notebook/, and what of it is taken along."""

    top: Path  # the notebook's folder, or one above where the notebook reads files there
    inputs: tuple[str, ...]  # below it, as are the others
    too_big: tuple[str, ...]
    written: tuple[str, ...]  # folders that are named, and that no input is in

    def place(self, notebook: Path) -> str:
        """Where the notebook's folder lies in the repository."""
        return (Path("notebook") / notebook.resolve().parent.relative_to(self.top)).as_posix()


def carried(notebook: Path, target: Path, facts: Facts) -> Carried:
    """The files that the notebook's text names, beside it and above."""
    folder = notebook.resolve().parent
    outside = reached([cell.lifted for cell in facts.cells], notebook)
    top = _top(folder, outside)
    beside = [path for path in _below(folder, target.resolve()) if path != notebook.resolve()]
    files = _named(facts, folder, beside) + _above(facts, top, outside, target.resolve())
    inputs = tuple(sorted({path.relative_to(top).as_posix() for path in files}))
    folders = _folders(facts, folder, target.resolve()) + [path for path in outside if path.is_dir()]
    return Carried(top, inputs, _too_big(top, inputs), _without_files(top, folders, inputs))


def _top(folder: Path, outside: Sequence[Path]) -> Path:
    """The folder that all of it lies below; never the disk's root, from which nothing can be taken along."""
    top = Path(os.path.commonpath([folder, *(path.parent if path.is_file() else path for path in outside)]))
    return folder if top == Path(top.anchor) else top


def _named(facts: Facts, folder: Path, files: Sequence[Path]) -> list[Path]:
    """Those of the files that a text of the notebook names."""
    return [folder / name for name in scaffold.read_files(facts, _relative(folder, files))]


def _above(facts: Facts, top: Path, outside: Sequence[Path], target: Path) -> list[Path]:
    """The files that are named outside of the notebook's folder, or lie in a folder there and are named."""
    within = [path for path in outside if path.is_relative_to(top)]
    lying = [file for path in within if path.is_dir() for file in _below(path, target)]
    return [path for path in within if path.is_file()] + _named(facts, top, lying)


def _folders(facts: Facts, folder: Path, target: Path) -> list[Path]:
    """The folders beside the notebook that a text of it names."""
    beside = [path for path in sorted(folder.iterdir()) if path.is_dir() and _is_looked_into(path, target)]
    return [folder / name for name in scaffold.named_folders(facts, _relative(folder, beside))]


def _without_files(top: Path, folders: Sequence[Path], inputs: Sequence[str]) -> tuple[str, ...]:
    """Folders that have to be there, and would not be in a repository: git keeps no empty ones."""
    places = _relative(top, [path for path in folders if path.is_relative_to(top)])
    return tuple(place for place in places if not any(one.startswith(f"{place}/") for one in inputs))


def _relative(folder: Path, paths: Sequence[Path]) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in paths]


def _below(folder: Path, target: Path) -> list[Path]:
    """The files below a folder, links out of it and hidden ones left out."""
    found: list[Path] = []
    for path in _walk(folder, target):
        if len(found) == _MOST_FILES:
            break
        if path.resolve().is_relative_to(folder) and path.is_file():
            found.append(path)
    return found


def _walk(folder: Path, target: Path) -> Iterator[Path]:
    for name, folders, files in os.walk(folder):
        here = Path(name)
        folders[:] = sorted(one for one in folders if _is_looked_into(here / one, target))
        yield from (here / one for one in sorted(files) if not one.startswith("."))


def _is_looked_into(folder: Path, target: Path) -> bool:
    is_own = folder.resolve() == target or (folder / "nb2pipe.lock").exists()
    is_tool = folder.name in _SKIPPED or folder.name.startswith(".") or (folder / "pyvenv.cfg").exists()
    return not is_own and not is_tool


def _too_big(top: Path, inputs: Sequence[str]) -> tuple[str, ...]:
    """The biggest files, until the others fit into a repository."""
    sizes = {path: (top / path).stat().st_size for path in inputs}
    left = sum(sizes.values())
    out = []
    for path in sorted(sizes, key=lambda one: (-sizes[one], one)):
        if left <= BIGGEST:
            break
        out.append(path)
        left -= sizes[path]
    return tuple(sorted(out))
