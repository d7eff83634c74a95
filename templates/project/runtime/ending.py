"""How the command's process ends."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time

_PATIENCE_WITH_POOLS = 30.0  # seconds: their processes end one after another


def be_silent() -> None:
    """What is printed while the process ends is not part of the result."""

    def close() -> None:
        try:
            sys.stdout.flush()
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        except (OSError, ValueError, AttributeError):
            pass

    close()
    atexit.register(close)  # the last to be registered is the first to run


def leave_threads(code: int, patience: float = 5.0) -> None:
    """A thread that never ends must not keep the process: a kernel does not wait for it."""
    teller = threading.Thread(target=_tell_pools, daemon=True)
    teller.start()
    teller.join(_PATIENCE_WITH_POOLS)
    deadline = time.monotonic() + patience
    mine = threading.current_thread()
    others = [
        one for one in threading.enumerate() if not one.daemon and one is not mine
    ]
    for one in others:
        one.join(max(0.0, deadline - time.monotonic()))
    if any(one.is_alive() for one in others):
        sys.stderr.flush()
        os._exit(code)


def _tell_pools() -> None:
    """Pools of workers end when they are told that the interpreter ends, and take their processes along."""
    for tell in reversed(list(getattr(threading, "_threading_atexits", []))):
        with contextlib.suppress(Exception):
            tell()
