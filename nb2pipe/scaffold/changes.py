"""What a newer template changes in a repository: hand edits stay, and so does what was deleted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from nb2pipe.rendering import FileTree

What = Literal["added", "updated", "merged", "conflict", "removed", "kept"]
Merge = Callable[[str, str, str], tuple[str, int]]  # ours, base, theirs -> text, places that are marked


@dataclass(frozen=True, slots=True)
class Change:
    """One file, and what becomes of it."""

    path: str
    what: What
    text: str | None = None  # what it holds then; None: as it is, or no such file
    why: str = ""


def changes(base: FileTree, ours: FileTree, theirs: FileTree, merge: Merge) -> tuple[Change, ...]:
    """What leads from our files to theirs, both of which come from the base."""
    return tuple(_changes(base, ours, theirs, merge))


def _changes(base: FileTree, ours: FileTree, theirs: FileTree, merge: Merge) -> Iterator[Change]:
    for path in sorted({*base, *theirs}):
        was, here, new = base.get(path), ours.get(path), theirs.get(path)
        if new in (was, here):
            continue
        if new is None:
            yield _without_template(path, was, here)
        elif here is None:
            yield (
                Change(path, "added", new) if was is None else Change(path, "kept", why="it was deleted here")
            )
        elif here == was:
            yield Change(path, "updated", new)
        else:
            yield _merged(path, *merge(here, was or "", new))


def _without_template(path: str, was: str | None, here: str | None) -> Change:
    if here == was:
        return Change(path, "removed")
    return Change(path, "kept", why="nb2pipe does not make it any more, but it was edited here")


def _merged(path: str, text: str, places: int) -> Change:
    if not places:
        return Change(path, "merged", text)
    where = "one place is" if places == 1 else f"{places} places are"
    return Change(path, "conflict", text, f"{where} marked with <<<<<<<")
