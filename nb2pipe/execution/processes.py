"""Starting programs so that nothing of them is left behind, whatever they do."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "NB2PIPE_RUN"  # in the environment of everything that a run starts


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that ended: `code` is None when its time was over."""

    code: int | None
    stdout: str
    stderr: str
    seconds: float


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout: float) -> Ended:
    """Run a program to its end, or until its time is over."""
    started = time.monotonic()
    with (
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process,
        nothing_left(environment[MARK], process.pid),
    ):
        try:
            out, err = process.communicate(timeout=timeout)
            code: int | None = process.returncode
        except subprocess.TimeoutExpired:
            kill_marked(environment[MARK])
            end_group(process.pid)
            (out, err), code = process.communicate(), None
    seconds = round(time.monotonic() - started, 3)
    return Ended(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"), seconds)


@contextmanager
def nothing_left(mark: str, leader: int | None = None) -> Iterator[None]:
    """At the end, or on Ctrl-C, end everything that the block started under this mark."""
    try:
        yield
    finally:
        if leader is not None:
            end_group(leader)
        kill_marked(mark)


def end_group(leader: int) -> None:
    """End a process group that a run started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def kill_marked(mark: str) -> None:
    """End the processes whose environment carries this run's mark, wherever they moved to."""
    entry = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if entry in environment.split(b"\0") and int(folder.name) != os.getpid():
            try:
                os.kill(int(folder.name), signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
