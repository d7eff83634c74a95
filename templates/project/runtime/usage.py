"""How much memory a stage took, told by its own process.

Its parent cannot tell: what a process has before its program begins counts as well, and
that is the parent's memory.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

try:
    from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
except ImportError:  # no POSIX system
    getrusage = None  # type: ignore[assignment]

_STATUS = Path("/proc/self/status")
_UNITS_IN_MB = 1 << (20 if sys.platform == "darwin" else 10)


def memory_mb() -> float:
    """The most that this process had, or one that it started; 0 where nobody knows."""
    if getrusage is None:
        return 0.0
    started = getrusage(RUSAGE_CHILDREN).ru_maxrss / _UNITS_IN_MB
    return round(max(_own(), started), 1)


def _own() -> float:
    with contextlib.suppress(OSError, StopIteration, ValueError):
        lines = _STATUS.read_text("utf-8").splitlines()
        found = next(line for line in lines if line.startswith("VmHWM:"))
        return int(found.split()[1]) / 1024
    return getrusage(RUSAGE_SELF).ru_maxrss / _UNITS_IN_MB
