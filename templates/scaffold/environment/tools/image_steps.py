"""The Dockerfile as a list of steps, and its build stage run without a container."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Step:
    """One instruction, and the stage that it belongs to."""

    stage: int
    word: str
    text: str

    @property
    def arguments(self) -> list[str]:
        """Its words without the options."""
        return [word for word in self.text.split() if not word.startswith("--")]


def steps() -> list[Step]:
    """All instructions of the Dockerfile."""
    return list(_steps((ROOT / "Dockerfile").read_text("utf-8")))


def _steps(text: str) -> Iterator[Step]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    stage = -1
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, _, rest = line.strip().partition(" ")
        stage += word == "FROM"
        if word:
            yield Step(stage, word, rest.strip())


def copied(step: Step) -> list[Path]:
    """What a COPY takes from the repository."""
    if "--from=" in step.text:
        return []
    patterns = step.arguments[:-1]
    return sorted(path for one in patterns for path in ROOT.glob(one))


def build(python: str, place: Path) -> Path:
    """Run the build stage's steps in a folder; the environment that they make."""
    (place / "build").mkdir()
    for step in (step for step in steps() if step.stage == 0):
        if step.word == "COPY":
            for path in copied(step):
                shutil.copy(path, place / "build")
        if step.word == "RUN":
            _run(step, python, place)
    return place / "venv"


def _run(step: Step, python: str, place: Path) -> None:
    command = re.sub(r"--mount=\S+", "", step.text)
    command = re.sub(r"(?<!\S)python(?= -m venv )", f'"{python}"', command)
    environment = {**os.environ, "VIRTUAL_ENV": str(place / "venv")}
    environment |= {"PIP_QUIET": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    folder = place / "build"
    subprocess.run(["sh", "-ec", command], cwd=folder, env=environment, check=True)


def start(place: Path) -> Path:
    """What the last stage copies, in a folder of its own; that folder."""
    folder = place / "app"
    folder.mkdir()
    for step in (step for step in steps() if step.stage == 1):
        if step.word == "COPY":
            for path in copied(step):
                if path.is_dir():
                    shutil.copytree(path, folder / path.name)
                else:
                    shutil.copy(path, folder)
    return folder
