"""Starting programs so that nothing of them is left behind, whatever they do."""

import ctypes
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MARK = "NB2PIPE_RUN"  # in the environment of everything that a run starts


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that ended: `code` is None when its time was over."""

    code: int | None
    stdout: str
    stderr: str
    seconds: float

    @property
    def last_words(self) -> str:
        """The last line on stderr: what a program that failed says of it."""
        return (self.stderr.strip().splitlines() or ["it says nothing"])[-1]


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout: float) -> Ended:
    """Run a program to its end, or until its time is over."""
    started = time.monotonic()
    # Files, not pipes: a program that the run leaves running holds a pipe open, and nobody would see its end.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with (
            subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            ) as process,
            nothing_left(environment[MARK], process.pid),
        ):
            try:
                code: int | None = process.wait(timeout)
            except subprocess.TimeoutExpired:
                code = None
            seconds = round(time.monotonic() - started, 3)
            kill_marked(environment[MARK])
            end_group(process.pid)
        return Ended(code, _text(out), _text(err), seconds)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


@contextmanager
def nothing_left(mark: str, leader: int | None = None) -> Iterator[None]:
    """At the end, or on Ctrl-C, end everything that the block started."""
    known = {*_children(), leader}
    _adopt_orphans(True)
    try:
        yield
    finally:
        if leader is not None:
            end_group(leader)
        kill_marked(mark)
        while strays := _children() - known:  # the children of one that ends come to us in turn
            for pid in strays:
                _end(pid)
        _adopt_orphans(False)


def _adopt_orphans(wanted: bool) -> None:
    """Let programs whose parents end become our own children, so that none gets away (Linux only)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(36, int(wanted), 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def _children() -> set[int]:
    found = set()
    for path in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            found |= {int(word) for word in path.read_text(encoding="ascii").split()}
    return found


def _end(pid: int) -> None:
    """End a child and take its exit code."""
    with suppress(ProcessLookupError, PermissionError, ChildProcessError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


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
