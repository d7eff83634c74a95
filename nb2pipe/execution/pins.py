"""Versions of the distributions that an interpreter has, read from its metadata without importing anything."""

import json
import subprocess
from collections.abc import Collection, Mapping

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


_LAZY = """
import importlib.metadata as m, json, re, sys
loaded, listed = (set(part) for part in json.load(sys.stdin))
plain = lambda name: re.sub(r"[-_.]+", "-", name).lower()
found, roots = {}, {}
for d in m.distributions():
    if d.metadata["Name"]:
        found.setdefault(plain(d.metadata["Name"]), d)
for root, names in m.packages_distributions().items() if hasattr(m, "packages_distributions") else ():
    roots[root] = [plain(name) for name in names]
waiting, needed = [plain(name) for name in listed], set()
while waiting:
    name = waiting.pop()
    if name in found and name not in needed:
        needed.add(name)
        for line in found[name].requires or ():
            if "extra ==" not in line:
                waiting.append(plain(re.split(r"[^A-Za-z0-9_.-]", line, maxsplit=1)[0]))
lazy = {name for root in loaded for name in roots.get(root, ()) if name not in needed and name in found}
json.dump(sorted(f"{found[n].metadata['Name']}=={found[n].version}" for n in lazy), sys.stdout)
"""


def lazily_loaded(python: str, modules: Collection[str], listed: Collection[str]) -> tuple[str, ...]:
    """Requirements behind modules that were loaded, which neither stand in `listed` nor are required by what does."""
    question = json.dumps([sorted(modules), sorted(listed)])
    done = subprocess.run(
        [python, "-I", "-c", _LAZY], input=question, capture_output=True, text=True, timeout=120, check=False
    )
    return tuple(json.loads(done.stdout)) if done.returncode == 0 else ()


_VERSION = """
import importlib.metadata as m, json, sys
found = [d.version for d in m.distributions(name=sys.argv[1])]
json.dump(found[0] if found else "", sys.stdout)
"""


def version_of(python: str, distribution: str) -> str:
    """The version of a distribution that the interpreter `python` has; "" where it has none."""
    try:
        done = subprocess.run(
            [python, "-I", "-c", _VERSION, distribution],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return str(json.loads(done.stdout))
    except (OSError, ValueError, subprocess.SubprocessError):
        raise EnvironmentFault(
            f"{python} does not run as a Python interpreter; give another with --python"
        ) from None


_CLOSURE = """
import importlib.metadata as m, json, re, sys
plain = lambda name: re.sub(r"[-_.]+", "-", name).lower()
found, needed = {}, set()
for d in m.distributions():
    if d.metadata["Name"]:
        found.setdefault(plain(d.metadata["Name"]), d)
waiting = [plain(name) for name in json.load(sys.stdin)]
while waiting:
    name = waiting.pop()
    if name in found and name not in needed:
        needed.add(name)
        for line in found[name].requires or ():
            if "extra ==" not in line:
                waiting.append(plain(re.split(r"[^A-Za-z0-9_.-]", line, maxsplit=1)[0]))
pins = sorted(f"{found[n].metadata['Name']}=={found[n].version}" for n in needed)
json.dump([".".join(map(str, sys.version_info[:2])), pins], sys.stdout)
"""


def closure_of(python: str, listed: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The version of the interpreter, and pins of the listed distributions with all that they require there."""
    try:
        done = subprocess.run(
            [python, "-I", "-c", _CLOSURE],
            input=json.dumps(list(listed)),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        version, pins = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        raise EnvironmentFault(
            f"{python} does not run as a Python interpreter; give another with --python"
        ) from None
    return str(version), tuple(pins)
