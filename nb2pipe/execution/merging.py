"""Three texts into one, by git."""

import os
import tempfile
import uuid
from pathlib import Path

from nb2pipe.errors import EnvironmentFault

from .processes import MARK, run

_SECONDS = 60.0
_FAILED = 128  # git merge-file ends with the number of conflicts, or with more than this


def merged(ours: str, base: str, theirs: str, labels: tuple[str, str, str]) -> tuple[str, int]:
    """What `git merge-file` makes of them, and how many places it marks as conflicts."""
    texts = {"ours": ours, "base": base, "theirs": theirs}
    with tempfile.TemporaryDirectory(prefix="nb2pipe-") as name:
        folder = Path(name)
        for file, text in texts.items():
            (folder / file).write_bytes(text.encode("utf-8", "surrogatepass"))
        names = [word for label in labels for word in ("-L", label)]
        environment = {**os.environ, MARK: uuid.uuid4().hex}
        try:
            ended = run(["git", "merge-file", *names, *texts], folder, environment, _SECONDS)
        except FileNotFoundError:
            raise EnvironmentFault("hand edits are merged by git, which is not installed here") from None
        if ended.code is None or ended.code >= _FAILED or ended.code < 0:
            raise EnvironmentFault(f"git merge-file failed: {ended.last_words}")
        return (folder / "ours").read_bytes().decode("utf-8", "surrogatepass"), ended.code
