"""A new virtual environment with what a project's requirements.txt names, for the time of a proof."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nb2pipe.errors import EnvironmentFault, InputError

from .interpreters import interpreter
from .scratch import disk_faults


@contextmanager
def clean_environment(requirements: Path, base: str | None, timeout: float = 1800) -> Iterator[str]:
    """The interpreter of the new environment; it also has ipykernel, which the notebook's side runs in."""
    if not requirements.is_file():
        raise InputError(f"{requirements} is missing, so no environment can be made from it")
    exe = interpreter(base, needs_kernel=False).exe
    with disk_faults():
        home = Path(tempfile.mkdtemp(prefix="nb2pipe-env-"))
    try:
        _run([exe, "-m", "venv", str(home / "venv")], timeout)
        python = next(
            path for path in (home / "venv/bin/python", home / "venv/Scripts/python.exe") if path.exists()
        )
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "ipykernel", "-r", str(requirements)], timeout)
        yield str(python)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(command: Sequence[str], timeout: float) -> None:
    what = " ".join([Path(command[0]).name, *command[1:4]])
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentFault(f"the clean environment cannot be made: {what}: {error}") from error
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["it says nothing"]
        why = next((line for line in said if line.startswith("ERROR")), said[-1])
        raise EnvironmentFault(f"the clean environment cannot be made: {why}")
