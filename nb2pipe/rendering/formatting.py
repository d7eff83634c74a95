"""Python text formatted and checked with ruff; what ruff finds in the author's lines gets a `# noqa`, never a rewrite."""

import functools
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from nb2pipe.errors import EnvironmentFault

_MARKED_COMMENT = re.compile(r"#.*# noqa")  # the mark may have mended what it marks: an empty comment


def formatted(files: Mapping[str, str]) -> dict[str, str]:
    """The same files, their Python formatted; `ruff check` and `ruff format --check` pass on the result."""
    with tempfile.TemporaryDirectory(prefix="nb2pipe-") as name:
        folder = Path(name)
        for parent in {(folder / path).parent for path in files}:
            parent.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            (folder / path).write_bytes(text.encode("utf-8", "surrogatepass"))
        ruff = functools.partial(_ruff, folder)
        ruff("format", folder)
        plain = _texts(folder, files)
        ruff("check", "--add-noqa", folder)
        marked = _texts(folder, files)
        touched = [folder / path for path in files if marked[path] != plain[path]]
        if not touched:
            return marked
        ruff("format", *touched)  # a mark between arguments puts each on a line of its own
        final = _texts(folder, files)
        if final != marked:  # some marks stand beside their finding now
            ruff("check", "--fix", "--fixable", "RUF100", *touched)
            ruff("check", "--add-noqa", *touched)
            final = _texts(folder, files)
        if any(map(_MARKED_COMMENT.search, final.values())):
            ruff("check", "--add-noqa", *touched)
            final = _texts(folder, files)
        return final


def _texts(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    return {path: (folder / path).read_bytes().decode("utf-8", "surrogatepass") for path in paths}


def _ruff(folder: Path, *arguments: str | Path) -> None:
    """Run ruff in the folder: it knows the packages there for the project's own."""
    from ruff import find_ruff_bin

    command = [find_ruff_bin(), *arguments, "--isolated", "--no-cache", "--quiet"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if done.returncode > 1:
        message = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise EnvironmentFault(f"ruff {arguments[0]} failed: {message[-1] if message else 'no message'}")
