"""Run the pipeline and write the pages from what it shows: make docs; with --check, say which pages are stale."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ..observing.running import run
from ..runner.runner import StageError
from .facts import facts, origin
from .pages import DOCS, FACTS, known, pages


def stale(folder: Path = DOCS) -> list[str]:
    """The pages that are not what they would be of the files as they are; without a run there may be none."""
    told = known()
    now = {**told, "origin": origin()} if told else {}
    return [name for name, text in pages(now).items() if _is_other(folder / name, text)]


def _is_other(path: Path, text: str) -> bool:
    if not path.is_file():
        return FACTS.is_file()
    return path.read_text("utf-8") != text


def write() -> None:
    """Write all pages from what is known."""
    DOCS.mkdir(exist_ok=True)
    for name, text in pages(known()).items():
        (DOCS / name).write_text(text, "utf-8")


def main() -> int:
    """0 done, 1 a page is stale, or the pipeline fails."""
    if "--check" in sys.argv[1:]:
        found = stale()
        for name in found:
            print(f"docs/{name} is stale: make docs", file=sys.stderr)
        return 1 if found else 0
    try:
        told = facts(run(borders=True))
    except StageError as error:
        print(error.report(), file=sys.stderr)
        return 1
    FACTS.parent.mkdir(exist_ok=True)
    FACTS.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", "utf-8")
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
