"""The shell commands of a notebook: `!`, `%%bash`, `os.system`, `subprocess`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nb2pipe.analysis import CellFacts
from nb2pipe.analysis.tracing import Call

from .model import Spot, View

RUNNERS = frozenset(
    "os.system os.popen subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen"
    " subprocess.getoutput subprocess.getstatusoutput"
    " IPython.InteractiveShell.system IPython.InteractiveShell.getoutput".split()
)
SCRIPTS = frozenset("bash sh script".split())
INSTALLER = re.compile(
    r"\b(?:pip[\d.]*|conda|mamba|micromamba|uv pip|easy_install|apt|apt-get|brew)\s+(?:-\S+\s+)*(?:install|add)\b|easy_install\s"
)
ADDRESS = re.compile(r"\b(?:https?|ftp|s3|gs)://")


@dataclass(frozen=True, slots=True)
class Command:
    """One command line (or script) that the notebook hands to the machine."""

    spot: Spot
    text: str
    target: str = ""  # the name that gets its output
    call: Call | None = None  # of `os.system` and its kin


def commands(view: View) -> Iterator[Command]:
    """All commands, those in magics first."""
    for cell in view.cells:
        if not cell.is_skipped:
            yield from _in_magics(cell)
    for name in RUNNERS:
        for call in view.by_name.get(name, ()):
            yield Command(Spot(*call.place), command_text(call), call=call)


def _in_magics(cell: CellFacts) -> Iterator[Command]:
    for use in cell.lifted.magics:
        spot = Spot(cell.number, use.line)
        if use.kind in ("shell", "shell-assign") or use.name in ("sx", "system"):
            yield Command(spot, use.argument, use.target)
        elif use.kind == "cell" and use.name in SCRIPTS:
            found = re.search(r"--out[ =](\w+)", use.argument.split("\n", 1)[0])
            yield Command(spot, use.argument, found[1] if found else "")
        elif use.name in ("pip", "conda", "mamba", "micromamba", "uv"):
            yield Command(spot, f"{use.name} {use.argument}")


def command_text(call: Call) -> str:
    """What a call runs, as far as the text tells."""
    first = call.argument(0, "args", "command", "cmd")
    if first is None:
        return ""
    if isinstance(first.const, str):
        return first.const
    words = [
        one.const for _, one in sorted((first.keyed or {}).items(), key=lambda pair: str(pair[0]).zfill(4))
    ]
    return " ".join(str(one) for one in words if isinstance(one, str))
