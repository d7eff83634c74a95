"""Is the environment the one that is written down? With --rebuild: is a new one, made as the image is made, the same?

The build stage's steps of the Dockerfile run in an empty folder. Then every version is compared with the pins and with this
environment, and what the pipeline prints with the record of the proof; without one, with what it prints here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = (
    "requirements.lock",
    "constraints.txt",
    "requirements.txt",
    "requirements-parts.txt",
)
_VERSIONS = """
import importlib.metadata as m, json
print(json.dumps([[d.metadata["Name"], d.version] for d in m.distributions() if d.metadata["Name"]]))
"""


def pins(root: Path = ROOT) -> dict[str, str]:
    """The versions that are written down; a lock goes before the rest."""
    found: dict[str, str] = {}
    for name in FILES:
        path = root / name
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for package, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE):
            found.setdefault(plain(package), version)
    return found


def plain(name: str) -> str:
    """A package's name as everybody writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, str]:
    """The versions that are there."""
    return {
        plain(one.metadata["Name"]): one.version
        for one in metadata.distributions()
        if one.metadata["Name"]
    }


def differences(wanted: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """Where the two differ; what is pinned but not needed here may be missing."""
    return [
        f"{name} is {there[name]}, {version} is written down"
        for name, version in sorted(wanted.items())
        if name in there and there[name] != version
    ]


def rebuilt() -> list[str]:
    """What differs between this environment and a new one made from the same files."""
    import image_steps  # beside this script

    with tempfile.TemporaryDirectory(prefix="env-check-") as name:
        place = Path(name)
        try:
            venv = image_steps.build(sys.executable, place)
        except subprocess.CalledProcessError as error:
            return [f"the environment cannot be built: {error}"]
        python = str(venv / "bin" / "python")
        there = _versions(python)
        return [
            *_unpinned(there),
            *differences(pins(), there),
            *_other_lines(python, image_steps.start(place)),
        ]


def _versions(python: str) -> dict[str, str]:
    command = [python, "-I", "-c", _VERSIONS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {plain(name): version for name, version in json.loads(done.stdout)}


def _unpinned(there: Mapping[str, str]) -> list[str]:
    """Packages that came in another version, since nothing pins them."""
    here, known = installed(), {*pins(), "pip", "setuptools"}
    return [
        f"{name} is {version} in a new environment, and {here[name]} here: make lock"
        for name, version in there.items()
        if name not in known and here.get(name, version) != version
    ]


def _other_lines(python: str, folder: Path) -> list[str]:
    """What the pipeline prints otherwise with this interpreter."""
    import printed_lines  # beside this script

    record = printed_lines.recorded()
    if record is None:
        print("there is no record of a proof; compared with what it prints here")
        record = printed_lines.seen(ROOT)
    try:
        return record.differences(printed_lines.printed(python, folder, record))
    except subprocess.CalledProcessError as error:
        return [f"the pipeline fails in a new environment: exit {error.returncode}"]


def main(words: list[str]) -> int:
    """0 the same, 1 something differs."""
    found = differences(pins(), installed())
    if "--rebuild" in words and not found:
        found = rebuilt()
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
