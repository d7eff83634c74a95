"""What in a process cannot be handed to another, though no variable shows it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .storage import UnstorableError

if TYPE_CHECKING:
    from .runner import Session
    from .world import World

_PATIENCE = 120  # seconds to load what was stored


# What the interpreter itself remembers, and tells nobody.
_REGISTRIES = (
    ({"atexit"}, "a function that atexit calls"),
    ({"codecs", "register"}, "a codec that was registered"),
    ({"codecs", "register_error"}, "an error handler that was registered"),
    ({"register_error"}, "an error handler that was registered"),
    ({"addaudithook"}, "an audit hook"),
    ({"register_adapter"}, "an adapter of sqlite3"),
    ({"register_converter"}, "a converter of sqlite3"),
)


def check(session: Session, world: World, mentioned: frozenset[str]) -> None:
    """UnstorableError where a stage left something that goes on.

    `mentioned` are the names in the code that ran in this process.
    """
    if session.pipeline.one_process:
        raise UnstorableError(session.pipeline.one_process)
    for names, what in _REGISTRIES:
        if names <= mentioned:
            raise UnstorableError(what)
    for problem in (_streams(), _threads(world), _tasks(session), _finalizers(world)):
        if problem:
            raise UnstorableError(problem)
    if session.shell is not None:
        raise UnstorableError("the IPython session")


def _streams() -> str:
    if sys.stdout is not sys.__stdout__ or sys.stderr is not sys.__stderr__:
        return "a replaced sys.stdout or sys.stderr"
    if sys.gettrace() or sys.getprofile():
        return "a trace function"
    return ""


def _threads(world: World) -> str:
    frames = sys._current_frames()
    for thread in threading.enumerate():
        if thread is threading.current_thread():
            continue
        frame = frames.get(thread.ident or 0)
        while frame is not None:
            if world.is_own_module(str(frame.f_globals.get("__name__"))):
                return f"thread {thread.name}, which still runs"
            frame = frame.f_back
        if isinstance(thread, threading.Timer):
            return f"timer {thread.name}"
    children = sys.modules.get("multiprocessing.process")
    if children is not None and children.active_children():
        return "a child process that still runs"
    return ""


def _tasks(session: Session) -> str:
    if not session.loop.is_closed() and asyncio.all_tasks(session.loop):
        return "a task that still runs"
    return ""


def _finalizers(world: World) -> str:
    """Objects that act when they vanish: they must not vanish between two stages."""
    kinds = {type(one) for one in gc.get_objects()}
    for kind in kinds:
        if hasattr(kind, "__del__"):
            for base in kind.__mro__:
                if world.is_own_class(base) and "__del__" in vars(base):
                    return f"an object of class {kind.__name__}, which defines __del__"
    return ""


def problem_of(action: Callable[[], Any]) -> str:
    """What goes wrong when this is done, tried where it leaves no traces."""
    if not hasattr(os, "fork"):
        return ""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        _try(action, writing)
    os.close(writing)
    return _answer(child, reading)


def _try(action: Callable[[], Any], writing: int) -> None:
    """In the child: do it in silence, and say how it went."""
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        action()
        answer = "done"
    except BaseException as error:  # noqa: BLE001
        answer = str(error) or type(error).__name__
    os.write(writing, answer.encode("utf-8", "replace"))
    os._exit(0)


def _answer(child: int, reading: int) -> str:
    end = time.monotonic() + _PATIENCE
    while True:
        done, _ = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.002)
    with open(reading, "rb") as file:
        answer = file.read().decode("utf-8", "replace")
    return "" if answer == "done" else answer or "it cannot be loaded"
