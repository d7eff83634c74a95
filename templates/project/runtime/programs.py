"""Other programs that a notebook runs: `!command`, `x = !command` and `%%bash`."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


class Lines(list):
    """The lines that a command printed, with the views that `x = !cmd` gives."""

    @property
    def l(self) -> Lines:
        """The lines themselves."""
        return self

    @property
    def n(self) -> str:
        """The lines in one text."""
        return "\n".join(self)

    @property
    def s(self) -> str:
        """The lines side by side, with blanks between."""
        return " ".join(self)

    @property
    def p(self) -> list[Path]:
        """Those that are paths."""
        return [Path(line) for line in self if os.path.exists(line)]

    list, nlstr, spstr, paths = l, n, s, p

    def grep(
        self, pattern: Any, prune: bool = False, field: int | None = None
    ) -> Lines:
        """The lines that match a pattern or please a function, or the others."""

        def pleases(line: str) -> bool:
            text = line
            if field is not None:
                parts = line.split()
                text = parts[field] if -len(parts) <= field < len(parts) else ""
            if callable(pattern):
                return bool(pattern(text))
            return re.search(pattern, text, re.IGNORECASE) is not None

        return type(self)(line for line in self if pleases(line) is not bool(prune))

    def fields(self, *numbers: int) -> Any:
        """Columns of the lines: lists of words, or chosen words in one text."""
        rows = [line.split() for line in self]
        if not numbers:
            return rows
        found = type(self)()
        for row in rows:
            chosen = [row[n] for n in numbers if -len(row) <= n < len(row)]
            if chosen:
                found.append(" ".join(chosen))
        return found

    def sort(self, field: int | None = None, nums: bool = False) -> Lines:  # type: ignore[override]
        """The lines in the order of a column, as text or by the digits in it."""

        def key(line: str) -> Any:
            text: Any = line if field is None else type(self)([line]).fields(field)
            if nums:
                digits = "".join(one for one in "".join(text) if one.isdigit())
                return int(digits or 0)
            return text

        return type(self)(sorted(self, key=lambda line: (key(line), line)))


def shell(command: str) -> None:
    """`!command`: run it, and print what it prints, its errors among it."""
    _refuse_background(command)
    sys.stdout.flush()
    program = shutil.which(os.environ.get("SHELL", "sh")) or "sh"
    try:
        import pty  # not everywhere
    except ImportError:
        code = _through_pipe(command)
    else:
        code = _through_terminal(pty, [program, "-c", command])
    _remember_exit(code)


def shell_lines(command: str) -> Lines:
    """`x = !command`: the lines that it prints, its errors among them."""
    _refuse_background(command)
    sys.stdout.flush()
    done = subprocess.run(
        command,
        check=False,
        shell=True,
        executable=os.environ.get("SHELL") if os.name == "posix" else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return Lines(done.stdout.decode("utf-8", "replace").splitlines())


def script(command: str, text: str) -> None:
    """`%%bash` and the like: a program reads the text; a failure is an error."""
    words = shlex.split(command)
    text = text if text.endswith("\n") else f"{text}\n"
    sys.stdout.flush()
    try:
        done = subprocess.run(
            words,
            check=False,
            input=text.encode("utf-8", "replace"),
            capture_output=True,
        )
    except FileNotFoundError:
        print(f"Couldn't find program: {words[0]!r}")
        return
    sys.stdout.write(done.stdout.decode("utf-8", "replace"))
    sys.stdout.flush()
    sys.stderr.write(done.stderr.decode("utf-8", "replace"))
    sys.stderr.flush()
    if done.returncode != 0:
        raise subprocess.CalledProcessError(done.returncode, text.encode())


def _refuse_background(command: str) -> None:
    if command.rstrip().endswith("&"):
        raise OSError("Background processes not supported.")


def _remember_exit(code: int) -> None:
    code = 128 - code if code > 128 else code
    vars(sys.modules["__main__"])["_exit_code"] = code


def _through_pipe(command: str) -> int:
    done = subprocess.run(
        command,
        check=False,
        shell=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    sys.stdout.write(done.stdout.decode("utf-8", "replace").replace("\r\n", "\n"))
    return done.returncode


def _through_terminal(pty: Any, words: list[str]) -> int:
    """Run a command in a terminal of its own, 24 lines of 80 characters."""
    import codecs
    import fcntl
    import struct
    import termios

    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        words, stdin=child, stdout=child, stderr=child, start_new_session=True
    )
    os.close(child)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    try:
        while True:
            try:
                chunk = os.read(parent, 4096)
            except OSError:  # the other end is closed
                chunk = b""
            text = decoder.decode(chunk, final=not chunk)
            sys.stdout.write(text.replace("\r\n", "\n"))
            sys.stdout.flush()
            if not chunk:
                break
    finally:
        os.close(parent)
    return process.wait()
