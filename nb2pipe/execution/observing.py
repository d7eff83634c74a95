"""One run of a new repository's own `observing` command, in a scratch copy; what it kept."""

import os
import uuid
from pathlib import Path

from nb2pipe.errors import EnvironmentFault, RefusedError

from .processes import MARK, run

_DROPPED = ("PYTHON", "MPLBACKEND", "NB2PIPE")


class NotSeenError(RefusedError):
    """The run had not what one of the kept records is about."""

    def __init__(self, record: str, because: str) -> None:
        super().__init__(f"what the chosen parts need was not seen in the run: {because}")
        self.record = record


def observe(python: str, folder: Path, package: str, timeout: float) -> dict[str, str]:
    """What it wrote: the files below <package>/observed, and pages in docs/, by their path in the repository.

    NotSeenError where the pipeline has not what a part needs, EnvironmentFault where the run itself ends.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
    environment |= {
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONIOENCODING": "utf-8",
        MARK: uuid.uuid4().hex,
    }
    ended = run([python, "-m", f"{package}.observing"], folder, environment, timeout)
    said = ended.last_words
    if said.startswith("not observed: "):
        record, _, because = said.removeprefix("not observed: ").partition(": ")
        raise NotSeenError(record, because)
    if ended.code != 0:
        raise EnvironmentFault(f"the observed run ended early: {said}")
    seen = [
        *(folder / package / "observed").glob("*.json"),
        *(folder / "docs").glob("*.md"),
    ]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(seen)}
