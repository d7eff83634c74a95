"""Write docs/rules/ from the audit's rules; with --check only say whether the pages are fresh."""

import sys
from pathlib import Path

from nb2pipe.reports.rule_page import pages

FOLDER = Path(__file__).parent / "rules"


def stale() -> list[str]:
    """The names of pages that are missing, changed, or of no rule."""
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def main() -> int:
    """Write or check the pages."""
    if "--check" in sys.argv[1:]:
        for name in stale():
            print(f"docs/rules/{name} is stale: run make rules")
        return 1 if stale() else 0
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.md"):
        path.unlink()
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
