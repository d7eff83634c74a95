"""Files outside of a notebook's folder that its text names: `../data/a.csv`."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from nb2pipe.notebooks import Lifted

_UPWARDS = re.compile(r"(?<![\w./])(?:\.\./)+[^'\"`\n;|<>*?{}()\[\],]+")
# os.path.join("..", "data"), Path("..") / "data"
_JOINED = re.compile(r"""['"]\.\.['"]\)?\s*[,/]\s*['"]([^'"\n]+)['"]""")


def reached(cells: Sequence[Lifted], notebook: Path) -> tuple[Path, ...]:
    """What the cells' texts name above the notebook's folder: what is there, or the folder that it would be in."""
    folder = notebook.resolve().parent
    places = (_there(folder, name) for cell in cells for name in _names(cell.cell.source))
    return tuple(dict.fromkeys(place for place in places if place is not None))


def _names(source: str) -> Iterator[str]:
    yield from (match.group().strip() for match in _UPWARDS.finditer(source))
    yield from (f"../{match.group(1)}" for match in _JOINED.finditer(source))


def _there(folder: Path, name: str) -> Path | None:
    """The file, or else its folder; None where there is neither, or where the notebook itself lies in it."""
    try:
        path = (folder / name).resolve()
        is_there, is_folder = path.exists(), path.parent.is_dir()
    except (OSError, ValueError):
        return None
    place = path if is_there else path.parent if is_folder else None
    return None if place is None or folder.is_relative_to(place) else place
