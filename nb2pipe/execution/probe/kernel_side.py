"""What is done inside a notebook's kernel, by hidden requests."""

from __future__ import annotations

import re
from typing import Any

from .recording import Recorder

_IPYTHON = re.compile(r"_+$|_\d+$|_i+\d*$|_[iod]h$|_exit_code$|__\w+__$|__nb2pipe|In$|Out$|exit$|quit$|get_ipython$")


class KernelSide:
    """Watches displays, and tells of the variables when asked."""

    def __init__(self, recorder: Recorder, skip: list[str]) -> None:
        from IPython import get_ipython

        self.recorder = recorder
        self.skip = frozenset(skip)
        self.shell = get_ipython()
        self.cell = 0
        self._watch_displays()

    def begin(self, cell: int) -> None:
        """The next events belong to this cell."""
        self.cell = cell

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

    def _watch_displays(self) -> None:
        formatter, recorder = self.shell.display_formatter, self.recorder
        real = formatter.format

        def format_(value: Any, *args: Any, **more: Any) -> Any:
            if recorder.is_nested() or type(self.shell.display_pub).__name__ == "CapturingDisplayPublisher":
                return real(value, *args, **more)
            recorder.displayed(value)
            with recorder:
                return real(value, *args, **more)

        formatter.format = format_
