"""What the code of a stage asks of the world outside: files, folders, variables.

Python tells a hook of every file that is opened and every program that is started.
So it is known afterwards what a result depends on, and a stage that runs ahead of its
turn can be held before it does what cannot be taken back.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .world import library_roots

_ACTING = """os.remove os.rename os.rmdir os.link os.symlink os.truncate os.chmod os.chown
os.utime os.mknod os.mkfifo shutil.copyfile shutil.copymode shutil.copystat
shutil.copytree shutil.rmtree shutil.move shutil.make_archive
shutil.unpack_archive os.system subprocess.Popen os.exec os.posix_spawn os.spawn
os.fork os.forkpty os.kill os.killpg pty.spawn socket.connect socket.bind
socket.sendto socket.sendmsg socket.getaddrinfo sqlite3.connect
ftplib.connect http.client.connect urllib.Request smtplib.connect imaplib.open
poplib.connect telnetlib.Telnet.open webbrowser.open builtins.input"""
# These act on more than the process: nobody can tell from here what they did.
_ACTS = frozenset(_ACTING.split())
_IMPORTS = "importlib", "pkgutil", "zipimport"


class Watch:
    """What was asked since `on()`; `ask` is called before an act outside."""

    def __init__(
        self, own: Sequence[Path], ask: Callable[[str], None] | None = None
    ) -> None:
        self._own = tuple(f"{path}{os.sep}" for path in own)
        self._ask = ask
        self._is_on = False
        self._inside = threading.local()
        self._library = tuple(f"{root}{os.sep}" for root in library_roots())
        self.reads: dict[str, None] = {}
        self.lists: dict[str, None] = {}
        self.writes: dict[str, None] = {}
        self.made: dict[str, None] = {}
        self.outside: dict[str, None] = {}
        self.variables = _Variables(os.environ._data, self)  # type: ignore[attr-defined]
        os.environ._data = self.variables  # type: ignore[attr-defined]
        sys.addaudithook(self._heard)

    @contextlib.contextmanager
    def on(self) -> Iterator[None]:
        """Watch the block."""
        before, self._is_on = self._is_on, True
        try:
            yield
        finally:
            self._is_on = before

    @contextlib.contextmanager
    def off(self) -> Iterator[None]:
        """What the block does is the runner's own."""
        before, self._is_on = self._is_on, False
        try:
            yield
        finally:
            self._is_on = before

    def is_listening(self) -> bool:
        """Whether what happens now is the notebook's."""
        return self._is_on and not getattr(self._inside, "flag", False)

    def _heard(self, event: str, args: Any) -> None:
        if not self._is_on or getattr(self._inside, "flag", False):
            return
        if event in _ACTS or event in _HEARD:
            self._inside.flag = True
            try:
                if event in _ACTS:
                    self._act(event, sys._getframe(1))
                else:
                    _HEARD[event](self, *args)
            finally:
                self._inside.flag = False

    def _act(self, what: str, frame: Any = None) -> None:
        """Something that cannot be repeated, or taken back."""
        if frame is not None and _is_library_import(frame, self._library):
            return
        self.hold(what)
        self.outside[what] = None

    def hold(self, what: str) -> None:
        """Wait for the turn, in a stage that runs ahead."""
        if self._ask is not None:
            self._ask(what)

    def _path(self, path: Any) -> str:
        """An absolute path; nothing for what is of no interest."""
        if path is None:
            path = "."
        if isinstance(path, int):
            return ""
        text = os.path.abspath(os.fsdecode(path))
        is_ours = f"{text}{os.sep}".startswith((*self._library, *self._own))
        is_device = text.startswith(("/dev/", "/proc/", "/sys/"))
        return "" if is_ours or is_device or "__pycache__" in text else text

    def _open(self, path: Any, mode: Any, flags: Any) -> None:
        text = self._path(path)
        if not text:
            return
        flags = flags if isinstance(flags, int) else 0
        if not flags & (os.O_WRONLY | os.O_RDWR):
            if text not in self.writes:
                self.reads[text] = None
            return
        self.hold(f"write {text}")
        starts_anew = flags & os.O_TRUNC and not flags & os.O_EXCL
        if not starts_anew or text in self.reads:
            self.outside[f"changes {os.path.basename(text)} where it is"] = None
        self.writes[text] = None

    def _list(self, path: Any = None, *more: Any) -> None:
        caller = sys._getframe(2)
        name = caller.f_globals.get("__name__", "")
        text = self._path(path)
        if text and not str(name).startswith(_IMPORTS):
            self.lists[text] = None

    def _make(self, path: Any, *more: Any) -> None:
        text = self._path(path)
        if text:
            self.hold(f"make {text}")
            self.made[text] = None

    def told(self) -> dict[str, Any]:
        """All of it, with digests of what the files hold now."""
        return {
            "reads": {path: digest_of(path) for path in self.reads},
            "lists": {path: listing_of(path) for path in self.lists},
            "writes": {path: digest_of(path) for path in self.writes},
            "made": list(self.made),
            "outside": list(self.outside),
            "variables": self.variables.read,
        }


_HEARD: dict[str, Callable[..., None]] = {
    "open": Watch._open,
    "os.listdir": Watch._list,
    "os.scandir": Watch._list,
    "os.mkdir": Watch._make,
}


class _Variables(dict):  # type: ignore[type-arg]
    """The environment's table: it remembers who looked for what."""

    def __init__(self, values: Any, watch: Watch) -> None:
        super().__init__(values)
        self._watch = watch
        self._set: set[Any] = set()
        self.read: dict[str, str | None] = {}  # "*" for all

    def __getitem__(self, key: Any) -> Any:
        if self._watch.is_listening() and key not in self._set:
            value = self.get(key)
            found = None if value is None else os.fsdecode(value)
            self.read.setdefault(os.fsdecode(key), found)
        return super().__getitem__(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        if self._watch.is_listening():
            self._set.add(key)
        super().__setitem__(key, value)

    def __iter__(self) -> Any:
        if self._watch.is_listening():
            self.read["*"] = None
        return super().__iter__()


def _is_library_import(frame: Any, library: tuple[str, ...]) -> bool:
    """Whether a library does it while it is imported: its version tells the result."""
    is_import = False
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib"):
            is_import = True
        elif not name.startswith(library) and not name.startswith("<"):
            return is_import
        frame = frame.f_back
    return is_import


def digest_of(path: str) -> str | None:
    """What a file holds; None where there is none."""
    whole = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            for chunk in iter(lambda: file.read(1 << 20), b""):
                whole.update(chunk)
    except OSError:
        return None
    return whole.hexdigest()


def listing_of(path: str) -> str | None:
    """The names in a folder; None where there is none."""
    try:
        names = sorted(os.listdir(path))
    except OSError:
        return None
    return hashlib.sha256("\0".join(names).encode("utf-8", "replace")).hexdigest()
