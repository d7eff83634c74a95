"""Write the pages: make docs; with --check, say which are stale."""

from __future__ import annotations

import sys
from pathlib import Path

from .pages import DOCS, OBSERVED, pages


def stale(folder: Path = DOCS) -> list[str]:
    """The pages that are not what they would be now; before a run is observed there may be none."""
    found = []
    for name, text in pages().items():
        path = folder / name
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        if path.is_file() or OBSERVED.is_dir():
            found.append(name)
    return found


def write() -> None:
    """Write all pages."""
    DOCS.mkdir(exist_ok=True)
    for name, text in pages().items():
        (DOCS / name).write_text(text, "utf-8")


def main() -> int:
    """0 done, 1 a page is stale."""
    if "--check" in sys.argv[1:]:
        for name in stale():
            print(f"docs/{name} is stale: make docs", file=sys.stderr)
        return 1 if stale() else 0
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
