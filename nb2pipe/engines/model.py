"""What an engine is, and how its adapter is made from templates."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from nb2pipe.rendering import FileTree, formatted, render

from .definition import Definition

Shape = Literal["processes", "python", "manifest"]


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine, the versions that its adapter was run on, and how a user starts it."""

    name: str  # also the folder of its templates
    title: str
    purpose: str  # one sentence: what it is for
    shape: Shape  # it starts processes; or is called in Python; or reads a manifest elsewhere
    distribution: str  # what pip installs; "" where there is nothing to install
    oldest: str
    below: str
    tried: tuple[str, ...]  # versions that it really ran on
    run: str  # the command, in the project's folder
    files: tuple[tuple[str, str], ...]  # path in the project -> template
    limits: tuple[str, ...] = ()
    prepare: str = ""  # a command that is needed once in a new project
    environment: tuple[tuple[str, str], ...] = ()  # for a run without a server
    retries: bool = False  # a run without a server tries a failed stage again
    skips: bool = False  # a second run leaves out what is unchanged
    oldest_needs: tuple[str, ...] = ()  # what its oldest version does not run without

    @property
    def requirement(self) -> str:
        """What pip is asked for; "" where there is nothing to install."""
        return f"{self.distribution}>={self.oldest},<{self.below}" if self.distribution else ""

    @property
    def install(self) -> str:
        """The line that installs it."""
        return f"pip install '{self.requirement}'" if self.distribution else ""

    def command(self, package: str) -> str:
        """The command that runs a pipeline, in the project's folder."""
        return self.run.replace("{package}", package)

    def supports(self, version: str) -> bool:
        """Whether the adapter is meant for this version of the engine."""
        return _numbers(self.oldest) <= _numbers(version) < _numbers(self.below)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")[:3] if part.isdigit()]


@dataclass(frozen=True, slots=True)
class EngineRun:
    """How a project runs on an engine, and where a run leaves what is compared.

    `folder` holds stdout/<number>-<stage>.txt (what each stage printed), records/*.json and shown/*.
    """

    command: tuple[str, ...]  # in the project's folder, with the environment's bin folder first on PATH
    environment: Mapping[str, str]
    folder: Path
    prepare: tuple[str, ...] = ()  # a command that is needed once in a new project


def run_of(engine: Engine, project: Path, package: str) -> EngineRun:
    """The run of a project whose adapter is there; its folder is emptied by whoever starts it."""
    folder = project.resolve() / "runs" / engine.name
    told = {name: value.replace("{project}", str(project.resolve())) for name, value in engine.environment}
    command = shlex.split(engine.command(package))
    return EngineRun(
        tuple(command), {"PIPELINE_RUN": str(folder), **told}, folder, tuple(shlex.split(engine.prepare))
    )


def printed(run: EngineRun) -> str:
    """What the stages printed, in the notebook's order."""
    files = sorted((run.folder / "stdout").glob("[0-9]*.txt"))
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in files)


class Adapter(Protocol):
    """What a module of this room, or the object of an entry point, has to offer."""

    ENGINE: Engine
    files: Callable[[Engine, Definition], FileTree]


def adapter_files(engine: Engine, definition: Definition) -> FileTree:
    """The adapter rendered from the engine's templates; text of the notebook is quoted, never a template."""
    values = {
        "engine": engine,
        "pipeline": definition,
        "package": definition.package,
        "run": engine.command(definition.package),
    }
    tree = {
        path.format(package=definition.package): render(template, **values) for path, template in engine.files
    }
    tree |= {f"{definition.package}/engine.py": _launcher(definition)}
    python = {path: text for path, text in tree.items() if path.endswith(".py")}
    return {**tree, **formatted(python)}


def _launcher(definition: Definition) -> str:
    return render("engines/shared/engine.py.j2", package=definition.package, pipeline=definition)
