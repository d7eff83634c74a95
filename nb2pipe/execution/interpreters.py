"""The interpreter that has the notebook's packages: whether it is there, and can run a kernel."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from nb2pipe.errors import EnvironmentFault

_QUESTION = """
import importlib.util, json, sys
print(json.dumps([list(sys.version_info[:3]), importlib.util.find_spec("ipykernel_launcher") is not None]))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that can be started."""

    exe: str
    version: tuple[int, int, int]
    has_kernel: bool


def interpreter(exe: str | None, needs_kernel: bool = True) -> Interpreter:
    """The interpreter of this name; EnvironmentFault says in one sentence what it lacks."""
    found = shutil.which(exe) if exe else sys.executable
    if not found:
        raise EnvironmentFault(
            f"there is no interpreter {exe}; name one that has the notebook's packages with --python"
        )
    path = str(Path(found).absolute())  # not resolved: a virtual environment is known by its link
    try:
        answer = subprocess.run(
            [path, "-c", _QUESTION], capture_output=True, text=True, timeout=60, check=True
        )
        version, has_kernel = json.loads(answer.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        raise EnvironmentFault(
            f"{exe or path} is not a Python interpreter that starts; name another with --python"
        ) from None
    if needs_kernel and not has_kernel:
        hint = f"install it there: {exe or path} -m pip install ipykernel"
        raise EnvironmentFault(f"{exe or path} has no ipykernel, so the notebook cannot run in it; {hint}")
    return Interpreter(path, (version[0], version[1], version[2]), bool(has_kernel))
