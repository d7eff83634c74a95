"""Python text formatted and checked with ruff; what ruff finds in the author's lines gets a `# noqa`, never a rewrite."""

import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from nb2pipe.errors import EnvironmentFault


def formatted(files: Mapping[str, str]) -> dict[str, str]:
    """The same files, their Python formatted; `ruff check` and `ruff format --check` pass on the result."""
    with tempfile.TemporaryDirectory(prefix="nb2pipe-") as name:
        folder = Path(name)
        for parent in {(folder / path).parent for path in files}:
            parent.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            (folder / path).write_bytes(text.encode("utf-8", "surrogatepass"))
        _ruff(folder, "format")
        plain = _texts(folder, files)
        _ruff(folder, "check", "--add-noqa")
        marked = _texts(folder, files)
        if marked == plain:
            return plain
        _ruff(folder, "format")  # a mark behind a comment may make its line too long
        final = _texts(folder, files)
        if final == marked:
            return final
        _ruff(folder, "check", "--add-noqa")  # what the formatter has moved
        return _texts(folder, files)


def _texts(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    return {path: (folder / path).read_bytes().decode("utf-8", "surrogatepass") for path in paths}


def _ruff(folder: Path, *arguments: str) -> None:
    from ruff import find_ruff_bin

    command = [find_ruff_bin(), *arguments, "--isolated", "--no-cache", "--quiet", str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode > 1:
        message = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise EnvironmentFault(f"ruff {arguments[0]} failed: {message[-1] if message else 'no message'}")
