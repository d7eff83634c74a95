"""Pipelines' commands run by quick_runs.py: what a proof takes for starting a process, without the start-up."""

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nb2pipe.execution.processes import Ended


class Runner:
    """The process that forks, in the notebooks' interpreter; it loads these libraries first."""

    def __init__(self, python: str, libraries: Sequence[str] = ()) -> None:
        dropped = ("PYTHON", "JUPYTER", "IPYTHON", "MPLBACKEND")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        environment |= {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        command = [python, str(Path(__file__).with_name("quick_runs.py")), *libraries]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, **job: Any) -> dict[str, Any]:
        """Let it do one job."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(job), file=self.process.stdin, flush=True)
        return dict(json.loads(self.process.stdout.readline()))

    def start(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout: float
    ) -> Ended:
        """Run `EXE -m package arguments` to its end, or until its time is over."""
        package, *arguments = command[2:]
        project = environment["PYTHONPATH"].split(os.pathsep)[-1]
        began = time.monotonic()
        told = self.ask(package=package, project=project, arguments=arguments, folder=str(folder),
                        environment=dict(environment), timeout=timeout)  # fmt: skip
        code = None if told["code"] == -1 else told["code"]
        return Ended(code, told["stdout"], told["stderr"], round(time.monotonic() - began, 3))

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()
