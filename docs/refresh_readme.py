"""Put fresh output of the commands into README.md; `--check` only says whether it is out of date.

README.md marks a place like this, and what stands between the two lines is replaced:

    <!-- output: convert -->
    <!-- end of output -->
"""

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PLACE = re.compile(r"(<!-- output: (?P<name>[\w-]+) -->\n).*?(<!-- end of output -->)", re.DOTALL)

# Run in this order in a copy of the sample's folder: later commands use what earlier ones made.
COMMANDS: Mapping[str, tuple[str, list[str]]] = {
    "plan": ("nb2pipe plan churn.ipynb", ["nb2pipe", "plan", "churn.ipynb"]),
    "convert": (
        "nb2pipe convert churn.ipynb -o out",
        ["nb2pipe", "convert", "churn.ipynb", "-o", "out"],
    ),
    "audit": ("nb2pipe audit churn.ipynb", ["nb2pipe", "audit", "churn.ipynb"]),
    "run": (
        "PYTHONPATH=out python -m churn run --isolated --set TEST_SIZE=0.3",
        ["churn", "run", "--isolated", "--set", "TEST_SIZE=0.3"],
    ),
}
LINES_SHOWN: Mapping[str, int] = {"plan": 26}  # what is longer is cut, and says so
SHOWN_FILES: Mapping[str, str] = {"stage": "out/churn/stages/clean.py"}


def printed(arguments: list[str], folder: Path) -> str:
    """What `python -m ...` prints to stdout."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(folder / "out"), str(ROOT)]),
        "MPLBACKEND": "agg",
    }
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def fenced(text: str, language: str) -> str:
    """A Markdown code block."""
    return f"```{language}\n{text.rstrip()}\n```\n"


def shortened(name: str, text: str) -> str:
    """The first lines of an output that is too long for a README."""
    lines = text.splitlines()
    limit = LINES_SHOWN.get(name, len(lines))
    left = len(lines) - limit
    return text if left <= 0 else "\n".join([*lines[:limit], f"[... {left} more lines]"])


def fresh_outputs(folder: Path) -> dict[str, str]:
    """The text for every place that README.md can mark."""
    texts = {
        name: fenced(f"$ {shown}\n{shortened(name, printed(arguments, folder))}", "console")
        for name, (shown, arguments) in COMMANDS.items()
    }
    for name, place in SHOWN_FILES.items():
        file = folder / place
        code = file.read_text(encoding="utf-8") if file.is_file() else ""
        texts[name] = fenced(f"# {place}\n{code}", "python")
    return texts


def filled(readme: str, outputs: Mapping[str, str]) -> str:
    """The README with every marked place filled."""
    return PLACE.sub(lambda place: place[1] + outputs[place["name"]] + place[3], readme)


def main() -> None:
    """Fill or check README.md."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "churn"
        shutil.copytree(ROOT / "sample_notebooks" / "churn", folder)
        outputs = fresh_outputs(folder)
    old = README.read_text(encoding="utf-8")
    new = filled(old, outputs)
    if "--check" not in sys.argv[1:]:
        README.write_text(new, encoding="utf-8", newline="\n")
    elif new != old:
        lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "README.md", "now", lineterm="")
        sys.exit("\n".join([*lines, "README.md shows old output: run `make readme`"]))


if __name__ == "__main__":
    main()
