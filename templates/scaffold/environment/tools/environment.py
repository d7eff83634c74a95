"""Is the environment the one that is written down? With --rebuild: also a new one, made from it, in which the pipeline prints the same."""

import hashlib
import re
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = (
    "requirements.lock",
    "constraints.txt",
    "requirements.txt",
    "requirements-parts.txt",
)


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
        plain(one.metadata["Name"]): one.version for one in metadata.distributions()
    }


def differences(wanted: dict[str, str], there: dict[str, str]) -> list[str]:
    """Where the two differ; what is pinned but not needed here may be missing."""
    return [
        f"{name} is {there[name]}, {version} is written down"
        for name, version in sorted(wanted.items())
        if name in there and there[name] != version
    ]


def rebuilt(package: str) -> list[str]:
    """What differs between this environment and a new one made from the same files."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "venv" / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
        lock = ROOT / "requirements.lock"
        words = ["--require-hashes", "-r", lock.name]
        if not lock.is_file():
            names = [name for name in FILES[2:] if (ROOT / name).is_file()]
            words = [
                "-c",
                "constraints.txt",
                *(word for name in names for word in ("-r", name)),
            ]
        pip = [str(python), "-m", "pip", "install", "--quiet", *words]
        subprocess.run(pip, cwd=ROOT, check=True)
        here, there = printed(sys.executable, package), printed(str(python), package)
    return (
        []
        if here == there
        else ["the pipeline prints something else in a new environment"]
    )


def printed(python: str, package: str) -> str:
    """A digest of what a run prints with this interpreter."""
    command = "import random, runpy, sys; random.seed(0); sys.argv[1:] = ['run', '--workdir', 'notebook']; "
    seeded = "import numpy; numpy.random.seed(0); " if "numpy" in pins() else ""
    start = f"{command}{seeded}runpy.run_module({package!r}, run_name='__main__', alter_sys=True)"
    done = subprocess.run(
        [python, "-c", start], cwd=ROOT, capture_output=True, check=True
    )
    return hashlib.sha256(done.stdout).hexdigest()


def main(words: list[str]) -> int:
    """0 the same, 1 something differs."""
    found = differences(pins(), installed())
    if words[:1] == ["--rebuild"] and not found:
        found = rebuilt(words[1])
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
