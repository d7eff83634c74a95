"""Runs notebooks and pipelines in forked children of one process that has the libraries loaded: no start-up each time.

Runs in the notebooks' interpreter and speaks JSON, a line each: {"notebook": [cells], "folder": ...} or
{"package": ..., "project": ..., "arguments": [...], "folder": ...} in, {"code": ..., "stdout": ..., "stderr": ...} out.
A notebook runs in an IPython shell that shows nothing, as a kernel's stdout has it. The processes of stages that a
pipeline starts are forked as well.
"""

import json
import os
import random
import runpy
import signal
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from observed_by_pickle import Observer

POPEN = subprocess.Popen
_OWN = (__file__, sys.modules[Observer.__module__].__file__)
_LIBRARIES = ("IPython", "numpy", "pandas", "cloudpickle", "joblib")
# Of matplotlib all but pyplot, which asks for the backend when it is imported.
_DRAWING = ("figure", "backends.backend_agg", "image", "style", "projections", "widgets", "colorbar", "dates")


def main() -> None:
    """Answer until there is nothing more to do."""
    for name in sys.argv[1:] or _LIBRARIES:
        try:
            __import__(name)
        except ImportError:
            continue
    load_drawing()
    set_as_in_a_kernel()
    for line in sys.stdin:
        job = json.loads(line)
        work = notebook_run(job) if "notebook" in job else pipeline_run(job)
        print(json.dumps(in_child(work, job)), flush=True)


def load_drawing() -> None:
    """Load matplotlib; the backend that the environment names is taken when pyplot is imported."""
    os.environ.pop("MPLBACKEND", None)
    for name in _DRAWING:
        try:
            __import__(f"matplotlib.{name}")
        except ImportError:
            return
    sys.meta_path.insert(0, BackendChooser())


class BackendChooser:
    """Finds nothing, but sees pyplot being asked for."""

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> None:
        """Set the backend first, unless the notebook has chosen one."""
        if name == "matplotlib.pyplot" and os.environ.get("MPLBACKEND"):
            settings = sys.modules["matplotlib"].rcParams
            if not isinstance(dict.__getitem__(settings, "backend"), str):  # still to be found
                settings["backend"] = os.environ["MPLBACKEND"]


def set_as_in_a_kernel() -> None:
    """What libraries ask for when they are imported."""
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        pandas.set_option("display.max_columns", 20)


def seed_streams() -> None:
    """Every run begins with the same numbers."""
    random.seed(0)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(0)


def in_child(work: Callable[[], None], job: dict[str, Any]) -> dict[str, Any]:
    """Do the work in a child whose output goes to files; the exit code and both texts."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.setsid()
            become(job["folder"], out.fileno(), err.fileno())
            leave(code_of(work))
        code = wait_for(child, job.get("timeout", 60))
        out.seek(0)
        err.seek(0)
        texts = (out.read().decode("utf-8", "replace"), err.read().decode("utf-8", "replace"))
        return {"code": code, "stdout": texts[0], "stderr": texts[1][-4000:]}


def become(folder: str, out: int, err: int) -> None:
    """A fresh process, as far as its surroundings go."""
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    open_streams()


def open_streams() -> None:
    """Streams on the descriptors 0, 1 and 2, which count as the process's own."""
    sys.stdin = sys.__stdin__ = open(0, closefd=False, encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False, encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", closefd=False, encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115


def code_of(work: Callable[[], None]) -> int:
    """The exit code that a process with this work would have."""
    try:
        work()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  (whatever it is, it is told)
        import traceback

        traceback.print_exc()
        return 1
    return 0


def leave(code: int) -> None:
    """End without what the parent registered."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def wait_for(child: int, timeout: float) -> int:
    """Its exit code; -1 when it had to be ended."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1


# -- a notebook -------------------------------------------------------------------------------------------------------------


def notebook_run(job: dict[str, Any]) -> Callable[[], None]:
    """Run the cells one after the other, until one fails."""

    def run() -> None:
        shell = quiet_shell()
        seed_streams()
        for cell in job["notebook"]:
            result = shell.run_cell(cell, store_history=bool(cell.strip()))
            sys.stdout.flush()
            if not result.success:
                raise SystemExit(1)

    return run


def quiet_shell() -> Any:
    """An IPython shell in a fresh __main__ that displays nothing."""
    from IPython.core import displayhook, displaypub, interactiveshell

    class Hook(displayhook.DisplayHook):
        def write_output_prompt(self) -> None:
            """Nothing is written."""

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            """Nothing is written."""

        def finish_displayhook(self) -> None:
            """Nothing is written."""

    class Publisher(displaypub.DisplayPublisher):
        def publish(self, *_args: Any, **_more: Any) -> None:
            """Nothing is written."""

    parts = {"displayhook_class": Hook, "display_pub_class": Publisher}
    base: Any = interactiveshell.InteractiveShell
    kind: Any = type("ZMQShell", (base,), parts)  # pandas asks for "zmq" in the name
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    shell = kind(user_module=module, user_ns=vars(module))
    base._instance = kind._instance = shell  # noqa: SLF001
    shell.system = shell.system_piped
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    return shell


# -- a pipeline -------------------------------------------------------------------------------------------------------------


def pipeline_run(job: dict[str, Any]) -> Callable[[], None]:
    """Run `python -m package arguments`, with forks for the processes that it starts."""

    def run() -> None:
        subprocess.Popen = starting(job["package"])  # type: ignore[misc]
        if job.get("environment"):
            os.environ.clear()
            os.environ.update(job["environment"])
        observer = Observer(job["observe"]) if job.get("observe") else None
        if observer is not None:
            observer.begin()
        try:
            run_package(job["package"], job["project"], job["arguments"])
        finally:
            if observer is not None:
                observer.end()

    return run


def run_package(package: str, project: str, arguments: Sequence[str]) -> None:
    """`python -m package arguments`."""
    for name in [one for one, module in sys.modules.items() if getattr(module, "__file__", "") in _OWN]:
        del sys.modules[name]
    sys.argv = [package, *arguments]
    sys.path.insert(0, project)
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    seed_streams()
    starts_others = {"--isolated", "--jobs", "--cache"} & {*arguments}  # its children are forks of it
    if os.environ.get("NB2PIPE_PROOF") and not starts_others:
        observe(str(Path(os.environ["NB2PIPE_PROOF"]).with_name("probe")))
    runpy.run_module(package, run_name="__main__", alter_sys=True)


def observe(folder: str) -> None:
    """What the probe's sitecustomize does in a process that starts."""
    sys.path.insert(0, folder)
    starting_module = __import__("_nb2pipe_probe.starting", fromlist=["start"])
    sys.path.remove(folder)
    starting_module.start()


def starting(package: str) -> Any:
    """A Popen that forks for `python -m package ...`, and is the real one for all else."""

    def popen(words: Any, *args: Any, **more: Any) -> Any:
        if isinstance(words, list) and words[0] == sys.executable and package in words:
            return Forked(package, words[words.index(package) + 1 :], more)
        return POPEN(words, *args, **more)

    return popen


class Forked:
    """A child that runs a stage; the part of Popen that the runner uses."""

    def __init__(self, package: str, arguments: list[str], more: dict[str, Any]) -> None:
        self.returncode: int | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            leave(code_of(lambda: self.become(package, arguments, more)))

    def become(self, package: str, arguments: list[str], more: dict[str, Any]) -> None:
        """The new process: its own environment, files and modules."""
        if more.get("stdout") is not None:
            os.dup2(more["stdout"].fileno(), 1)
        kept = sorted({0, 1, 2, *more.get("pass_fds", ())})
        for low, high in zip(kept, [*kept[1:], 4096], strict=True):
            os.closerange(low + 1, high)
        os.environ.clear()
        os.environ.update(more.get("env") or {})
        for name in [one for one in sys.modules if one == package or one.startswith(f"{package}.")]:
            del sys.modules[name]
        project = sys.path.pop(0)
        open_streams()
        subprocess.Popen = POPEN  # type: ignore[misc]
        run_package(package, project, arguments)

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        if self.returncode is None:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if done else None
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, when it has ended."""
        deadline = time.monotonic() + timeout if timeout is not None else float("inf")
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("stage", timeout or 0)
            time.sleep(0.002)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


if __name__ == "__main__":
    main()
