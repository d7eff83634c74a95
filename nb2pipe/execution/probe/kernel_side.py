"""What is done inside a notebook's kernel, by hidden requests."""

from __future__ import annotations

import re
import time
from typing import Any

from .observing import Files, size
from .recording import Recorder, watch_formatter

_IPYTHON = re.compile(
    r"_+$|_\d+$|_i+\d*$|_[iod]h$|_exit_code$|__\w+__$|__nb2pipe|In$|Out$|exit$|quit$|get_ipython$"
)


class KernelSide:
    """Watches displays, and tells of the variables when asked."""

    def __init__(self, recorder: Recorder, skip: list[str]) -> None:
        from IPython import get_ipython

        self.recorder = recorder
        self.skip = frozenset(skip)
        self.shell = get_ipython()
        self.cell = 0
        self.files: Files | None = None
        self._began = time.perf_counter()
        watch_formatter(self.shell, recorder, lambda value: recorder.displayed(value, self.cell))

    def begin(self, cell: int) -> None:
        """The next events belong to this cell."""
        self.cell = cell
        self._began = time.perf_counter()

    def watch(self, folder: str) -> None:
        """From here on, see which files of this folder are used."""
        self.files = Files(folder)

    def seen(self, cell: int) -> None:
        """Record what this cell did beside its results."""
        if self.files is not None:
            seconds = round(time.perf_counter() - self._began, 4)
            sizes = {name: size(value) for name, value in self.variables().items()}
            self.recorder.write(
                {"event": "seen", "cell": cell, "seconds": seconds, "sizes": sizes, **self.files.since()}
            )

    def border(self, cell: int) -> None:
        """Record all variables of the notebook as they stand now."""
        self.recorder.write({"event": "border", "cell": cell, **self.recorder.values(self.variables())})

    def variables(self) -> dict[str, Any]:
        """The variables that the notebook bound, without what IPython keeps there."""
        hidden = self.shell.user_ns_hidden
        return {
            name: value
            for name, value in list(self.shell.user_ns.items())
            if isinstance(name, str)
            and name not in self.skip
            and not (name in hidden and (hidden[name] is value or _IPYTHON.match(name)))
            and not (_IPYTHON.match(name) and (name in hidden or name.startswith("_")))
        }
