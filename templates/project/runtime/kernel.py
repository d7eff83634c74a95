"""What a Jupyter kernel does for a notebook, for stages that run without one.

Displayed values and figures go to files in the run's folder. Only what a notebook
prints is printed.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import traceback
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from . import programs
from .run_folder import NoFolderError

# Stages ask `kernel` for everything.
script, shell, shell_lines = programs.script, programs.shell, programs.shell_lines

# The order in which a kernel asks a value for its representations.
_REPRESENTATIONS = (
    ("_repr_html_", "html"),
    ("_repr_markdown_", "md"),
    ("_repr_svg_", "svg"),
    ("_repr_png_", "png"),
    ("_repr_pdf_", "pdf"),
    ("_repr_jpeg_", "jpeg"),
    ("_repr_latex_", "tex"),
    ("_repr_json_", "json"),
    ("_repr_javascript_", "js"),
)
_MIME_SUFFIXES = {
    "text/plain": "txt",
    "text/html": "html",
    "text/markdown": "md",
    "text/latex": "tex",
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpeg",
    "application/pdf": "pdf",
    "application/json": "json",
    "application/javascript": "js",
}


class _State:
    """What lasts from cell to cell."""

    folder: Callable[[], Path] | None = (
        None  # makes the run's folder; None: keep nothing
    )
    inline = False  # figures are saved and closed at the end of each cell
    collecting: ClassVar[list[list[dict[str, Any]]]] = []  # what capture() keeps
    shown: ClassVar[list[Any]] = []  # a kernel keeps results alive in `Out`
    visited: ClassVar[list[Path]] = []  # the folders of %cd
    shell: Any = None  # the IPython session, where the pipeline has one


def begin(folder: Callable[[], Path] | None, inline: bool) -> None:
    """Start a run: where displayed things go, and whether figures show inline."""
    _State.folder, _State.inline = folder, inline
    _State.collecting, _State.shown, _State.shell = [], [], None
    with contextlib.suppress(FileNotFoundError):  # the notebook may delete its folder
        _State.visited = [Path.cwd()]


def use_shell(session: Any) -> None:
    """Let code outside the IPython session know that there is one."""
    _State.shell = session


def has_shell() -> bool:
    """Whether a real IPython session runs."""
    return _State.shell is not None


# -- displayed values ------------------------------------------------------------------


def display(
    *values: Any,
    include: Any = None,
    exclude: Any = None,
    metadata: Any = None,
    transient: Any = None,
    display_id: Any = None,
    raw: bool = False,
    clear: bool = False,
    **more: Any,
) -> DisplayHandle | None:
    """Keep values as a kernel would show them; nothing is printed."""
    for value in values:
        _show(value, raw)
    if not display_id:
        return None
    return DisplayHandle(None if display_id is True else display_id)


class DisplayHandle:
    """What `display(..., display_id=...)` returns: it can show a later value."""

    def __init__(self, display_id: str | None = None) -> None:
        self.display_id = display_id or uuid.uuid4().hex

    def __repr__(self) -> str:
        return f"<{type(self).__name__} display_id={self.display_id}>"

    def display(self, value: Any, **more: Any) -> None:
        """Show a value."""
        display(value, **more)

    def update(self, value: Any, **more: Any) -> None:
        """Show a value in the place of the one before."""
        display(value, **more)


def update_display(value: Any, *, display_id: str, **more: Any) -> None:
    """Show a value in the place of another."""
    display(value, **more)


def publish_display_data(
    data: dict[str, Any], metadata: Any = None, **more: Any
) -> None:
    """Keep representations that are made already: media type -> content."""
    files = {
        _MIME_SUFFIXES.get(kind, "txt"): content
        for kind, content in data.items()
        if kind in _MIME_SUFFIXES
    }
    _keep(files or {"txt": repr(data)})


def show_result(value: Any) -> None:
    """Keep the value of a cell's last expression; None shows nothing."""
    if value is not None:
        _State.shown.append(value)
        _show(value)


def markup(kind: str, text: str) -> None:
    """Keep the text of %%html, %%latex, %%svg, %%markdown or %%javascript."""
    suffixes = {"latex": "tex", "markdown": "md", "javascript": "js"}
    _keep({suffixes.get(kind, kind): text})


def clear_output(wait: bool = False) -> None:
    """Printed text stays printed: a pipeline has no output area to clear."""


def _show(value: Any, raw: bool = False) -> None:
    if raw and isinstance(value, dict):
        publish_display_data(value)
        return
    shows_itself = getattr(type(value), "_ipython_display_", None)
    if shows_itself is not None:
        with _reported():
            shows_itself(value)
        return
    files: dict[str, Any] = {}
    with _reported():
        files["txt"] = repr(value)
    if isinstance(value, type):  # the methods belong to its instances
        _keep(files)
        return
    _add_bundle(value, files)
    for method, suffix in _REPRESENTATIONS:
        represent = getattr(value, method, None)
        if callable(represent) and suffix not in files:
            with _reported():
                content = represent()
                files[suffix] = content[0] if isinstance(content, tuple) else content
    if "matplotlib.figure" in sys.modules:
        from . import figures

        files.update(figures.picture(value))
    _keep(files)


def _add_bundle(value: Any, files: dict[str, Any]) -> None:
    bundle = getattr(value, "_repr_mimebundle_", None)
    if not callable(bundle):
        return
    with _reported():
        made = bundle(include=None, exclude=None)
        data = made[0] if isinstance(made, tuple) else made
        for kind, content in (data or {}).items():
            if kind in _MIME_SUFFIXES:
                files[_MIME_SUFFIXES[kind]] = content


@contextlib.contextmanager
def _reported() -> Iterator[None]:
    """A kernel reports a value that cannot show itself, and goes on."""
    try:
        yield
    except Exception:  # noqa: BLE001
        traceback.print_exc()


def _keep(files: dict[str, Any]) -> None:
    """Write representations under the next free number of the run's folder."""
    files = {
        suffix: content for suffix, content in files.items() if content is not None
    }
    if _State.collecting:
        _State.collecting[-1].append(files)
        return
    if _State.folder is None or not files:
        return
    try:
        _write(_State.folder() / "displays", files)
    except OSError as error:
        said = error.strerror or error
        raise NoFolderError(f"cannot keep a displayed value: {said}") from None


def _write(folder: Path, files: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(path.name[:4]) for path in folder.glob("[0-9]*")), default=0)
    for suffix, content in files.items():
        path = folder / f"{number:04}.{suffix}"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else repr(content)
            path.write_text(text, encoding="utf-8", errors="surrogateescape")


# -- figures ---------------------------------------------------------------------------


def inline_figures() -> None:
    """`%matplotlib inline`: figures are saved and closed when a cell ends."""
    from . import figures

    _State.inline = True
    figures.switch_on()


def stay_inline() -> None:
    """The stage before has said `%matplotlib inline`."""
    _State.inline = True


def end_cell() -> None:
    """Save and close the figures that a cell drew, where they show inline."""
    if "matplotlib.pyplot" not in sys.modules:
        return
    from . import figures

    figures.flush()


def is_inline() -> bool:
    """Whether figures are saved and closed when a cell ends."""
    return _State.inline


# -- output of a block -----------------------------------------------------------------


class Output:
    """A piece of captured output, as %%capture lists it."""

    def __init__(self, files: dict[str, Any]) -> None:
        kinds = {suffix: kind for kind, suffix in _MIME_SUFFIXES.items()}
        self.data = {kinds.get(suffix, suffix): text for suffix, text in files.items()}
        self.metadata: dict[str, Any] = {}

    def display(self) -> None:
        """Show it after all."""
        publish_display_data(self.data)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return self.data, self.metadata


class Captured:
    """What a block printed and displayed."""

    def __init__(self, stdout: Any, stderr: Any, files: list[dict[str, Any]]) -> None:
        self._stdout, self._stderr, self._files = stdout, stderr, files

    @property
    def stdout(self) -> str:
        """The text printed to stdout."""
        return self._stdout.getvalue() if self._stdout else ""

    @property
    def stderr(self) -> str:
        """The text printed to stderr."""
        return self._stderr.getvalue() if self._stderr else ""

    @property
    def outputs(self) -> list[Output]:
        """The displayed values."""
        return [Output(files) for files in self._files]

    def __str__(self) -> str:
        return self.stdout

    def show(self) -> None:
        """Print and display it now."""
        sys.stdout.write(self.stdout)
        sys.stderr.write(self.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        for files in self._files:
            _keep(files)

    __call__ = show


@contextlib.contextmanager
def capture(
    stdout: bool = True, stderr: bool = True, display: bool = True
) -> Iterator[Captured]:
    """Keep back what the block prints and displays."""
    before = sys.stdout, sys.stderr
    out = io.StringIO() if stdout else None
    err = io.StringIO() if stderr else None
    files: list[dict[str, Any]] = []
    if out is not None:
        sys.stdout = out
    if err is not None:
        sys.stderr = err
    if display:
        _State.collecting.append(files)
    try:
        yield Captured(out, err, files)
        if display:
            end_cell()
    finally:
        sys.stdout, sys.stderr = before
        if display:
            _State.collecting.pop()


def timeit(function: Callable[[], Any], number: int = 0, repeat: int = 7) -> None:
    """`%timeit`: run it as often as IPython would; the time is no part of the result."""
    import timeit as measuring

    timer = measuring.Timer(function)
    if number == 0:
        number = 1
        while timer.timeit(number) < 0.2 and number < 10**9:
            number *= 10
    timer.repeat(repeat, number)


# -- files, folders, environment -------------------------------------------------------


def write_file(path: str, text: str, append: bool = False) -> None:
    """`%%writefile`: write the text and say so."""
    path = os.path.expanduser(path)
    if not os.path.exists(path):
        print(f"Writing {path}")
    else:
        print(f"{'Appending to' if append else 'Overwriting'} {path}")
    with open(path, "a" if append else "w", encoding="utf-8") as file:
        file.write(text)


def change_directory(line: str = "") -> None:
    """`%cd`: go there and print the folder, unless told `-q`."""
    is_quiet = re.match(r"\s*-q\b", line) is not None
    target = re.sub(r"^\s*-q\b", "", line).strip().strip("\"'")
    if target == "-":
        if len(_State.visited) < 2:
            raise ValueError("%cd -: No previous directory to change to.")
        target = str(_State.visited[-2])
    before = Path.cwd()
    try:
        os.chdir(os.path.expanduser(target or "~"))
    except OSError as error:
        print(error)
    else:
        if Path.cwd() != before:
            _State.visited.append(Path.cwd())
    if not is_quiet:
        print(_State.visited[-1])


def current_folder() -> str:
    """`%pwd`."""
    return os.getcwd()


def set_env(line: str = "") -> Any:
    """`%env`: all variables, one variable, or a new value, which is printed."""
    if not line.strip():
        return {key: _unless_secret(key, value) for key, value in os.environ.items()}
    key, sign, value = line.partition("=" if "=" in line else " ")
    key, value = key.strip(), value.strip()
    if not sign:
        if key not in os.environ:
            raise KeyError(f"Environment does not have key: {key}")
        return os.environ[key]
    if re.search(r"\s", key):
        raise ValueError(f"refusing to set env var with whitespace: '{value}'")
    os.environ[key] = value
    print(f"env: {key}={value}")
    return None


def _unless_secret(key: str, value: str) -> str:
    words = ("key", "token", "secret")
    return "<hidden>" if any(word in key.lower() for word in words) else value
