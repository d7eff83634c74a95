"""Versions of the distributions that an interpreter has, read from its metadata without importing anything."""

import json
import subprocess
from collections.abc import Collection, Mapping
from typing import Any

from nb2pipe.errors import EnvironmentFault


def _answer(python: str, script: str, question: object = None) -> Any:
    """What the interpreter `python` answers to a script: JSON in, JSON out."""
    try:
        done = subprocess.run(
            [python, "-I", "-c", script],
            input=json.dumps(question),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return json.loads(done.stdout)
    except FileNotFoundError as error:
        raise EnvironmentFault(f"there is no interpreter {python}; give another with --python") from error
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise EnvironmentFault(
            f"{python} does not run as a Python interpreter; give another with --python"
        ) from error


_ROOTS = """
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
    return {root: (name, version) for root, (name, version) in _answer(python, _ROOTS).items()}


_VERSION = """
import importlib.metadata as m, json, sys
found = [d.version for d in m.distributions(name=json.load(sys.stdin))]
json.dump(found[0] if found else "", sys.stdout)
"""


def version_of(python: str, distribution: str) -> str:
    """The version of a distribution that the interpreter `python` has; "" where it has none."""
    return str(_answer(python, _VERSION, distribution))


# What two scripts begin with: distributions by name, and all that some of them require.
_WALK = """
import importlib.metadata as m, json, re, sys
plain = lambda name: re.sub(r"[-_.]+", "-", name).lower()
found = {}
for d in m.distributions():
    if d.metadata["Name"]:
        found.setdefault(plain(d.metadata["Name"]), d)
def needed_by(listed):
    waiting, needed = [plain(name) for name in listed], set()
    while waiting:
        name = waiting.pop()
        if name in found and name not in needed:
            needed.add(name)
            for line in found[name].requires or ():
                if "extra ==" not in line:
                    waiting.append(plain(re.split(r"[^A-Za-z0-9_.-]", line, maxsplit=1)[0]))
    return needed
pins = lambda names: sorted(f"{found[n].metadata['Name']}=={found[n].version}" for n in names)
"""
_LAZY = f"""{_WALK}
loaded, listed = json.load(sys.stdin)
roots = m.packages_distributions() if hasattr(m, "packages_distributions") else {{}}
behind = {{plain(name) for root in loaded for name in roots.get(root, ()) if name}}
json.dump(pins(behind.intersection(found) - needed_by(listed)), sys.stdout)
"""
_CLOSURE = f"""{_WALK}
version = ".".join(map(str, sys.version_info[:2]))
json.dump([version, pins(needed_by(json.load(sys.stdin)))], sys.stdout)
"""


def lazily_loaded(python: str, modules: Collection[str], listed: Collection[str]) -> tuple[str, ...]:
    """Requirements behind modules that were loaded, which neither stand in `listed` nor are required by what does."""
    try:
        return tuple(_answer(python, _LAZY, [sorted(modules), sorted(listed)]))
    except EnvironmentFault:  # what was proved is not given up for it
        return ()


def closure_of(python: str, listed: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The version of the interpreter, and pins of the listed distributions with all that they require there."""
    version, pins = _answer(python, _CLOSURE, list(listed))
    return str(version), tuple(pins)
