"""Requirements that only a run shows: what libraries load when they need it, such as a parquet engine."""

from collections.abc import Iterable

from nb2pipe.rendering import FileTree

from .locking import with_files


def with_requirements(tree: FileTree, lines: Iterable[str]) -> FileTree:
    """The project with more lines in requirements.txt; the lock knows the new text."""
    known = tree["requirements.txt"].splitlines()
    names = {_name(line) for line in known}
    more = [line for line in lines if _name(line) not in names]
    if not more:
        return tree
    text = "".join(f"{line}\n" for line in sorted([*known, *more], key=str.lower))
    return with_files(tree, {"requirements.txt": text})


def _name(line: str) -> str:
    return line.partition("==")[0].strip().lower().replace("_", "-")
