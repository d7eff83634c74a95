"""Versions of the distributions that an interpreter has, read from its metadata without importing anything."""

import json
import subprocess
from collections.abc import Mapping

from nb2pipe.errors import EnvironmentFault

_SCRIPT = """
import importlib.metadata as m, json, re, sys
found = {}
for d in m.distributions():
    name = d.metadata["Name"]
    if not name:
        continue
    roots = (d.read_text("top_level.txt") or "").split()
    if not roots:
        files = d.files or []
        roots = {str(f).split("/")[0].split(".")[0] for f in files if str(f).endswith((".py", ".so", ".pyd"))}
    for root in roots:
        if re.fullmatch(r"[A-Za-z_]\\w*", root):
            found.setdefault(root, [name, d.version])
json.dump(found, sys.stdout)
"""


def pins_of(python: str) -> Mapping[str, tuple[str, str]]:
    """Import root -> (distribution, version) of the interpreter `python`; it imports nothing of the notebook's."""
    try:
        done = subprocess.run(
            [python, "-I", "-c", _SCRIPT], capture_output=True, text=True, timeout=120, check=True
        )
    except FileNotFoundError as error:
        raise EnvironmentFault(f"there is no interpreter {python}; give another with --python") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise EnvironmentFault(
            f"{python} does not run as a Python interpreter; give another with --python"
        ) from error
    return {root: (name, version) for root, (name, version) in json.loads(done.stdout).items()}
