"""Projects as nb2pipe writes them, made from a few lines, and run as users run them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNTIME = ROOT / "templates" / "project" / "runtime"
PROJECTS = ROOT / "tests" / "cases" / "runtime"
MAIN = (
    "import sys\nfrom {0}.pipeline import PIPELINE\nfrom {0}.runner import main\n"
    'if __name__ == "__main__":\n    sys.exit(main(PIPELINE, sys.argv[1:]))\n'
)


@dataclass(frozen=True)
class Project:
    """A project on disk, with a folder beside it to run in."""

    folder: Path
    package: str

    @property
    def data(self) -> Path:
        """The folder that it runs in."""
        return self.folder.parent / "data"

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """The command with these arguments."""
        self.data.mkdir(exist_ok=True)
        env = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(self.folder), **environment}
        words = [sys.executable, "-m", self.package, *arguments]
        return subprocess.run(words, cwd=self.data, env=env, capture_output=True, text=True, check=False)

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        """Python code beside the project."""
        self.data.mkdir(exist_ok=True)
        env = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(self.folder)}
        words = [sys.executable, "-c", code]
        return subprocess.run(words, cwd=self.data, env=env, capture_output=True, text=True, check=False)


MakeProject = Callable[..., Project]


def with_runtime(folder: Path, package: str) -> Project:
    """The project, the runtime's files put into it."""
    (folder / package / "runner").mkdir()
    for path in RUNTIME.glob("*.py"):
        shutil.copy(path, folder / package / "runner")
    (folder / package / "__main__.py").write_text(MAIN.format(package))
    for part in ("", "stages"):
        (folder / package / part / "__init__.py").touch()
    return Project(folder, package)
