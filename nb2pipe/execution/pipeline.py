"""A run of the converted pipeline, in one of its ways, in a fresh scratch copy."""

import base64
import json
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nb2pipe.errors import EnvironmentFault, InputError

from . import files
from .modes import WAYS
from .place import Place
from .processes import Ended
from .records import Display, Failure, Joined, RunRecord, Took
from .scratch import check_room
from .surroundings import border, environment, events, value


@dataclass(frozen=True, slots=True)
class Project:
    """A copy of a converted project: the folder to put on the path, and the package in it."""

    folder: Path
    package: str


_FAILED = re.compile(r"^stage (\S+) \(cells? ([\d, ]+)\) failed", re.MULTILINE)
_JOINED = re.compile(
    r"^\S+: (.*) does not survive storing: stage (\S+) runs in the process of stage (\S+)$", re.MULTILINE
)
_EXCEPTION = re.compile(r"^([A-Za-z_][\w.]*)(?:: (.*))?$")
_PICTURES = {".png": "image/png", ".jpeg": "image/jpeg"}
_TEXTS = {".txt": "text/plain", ".html": "text/html", ".md": "text/markdown", ".svg": "image/svg+xml"}


def run_pipeline(
    project: Project,
    mode: str,
    place: Place,
    limit: float,
    names: Collection[str],
    settings: Sequence[str] = (),
) -> RunRecord:
    """Run the project in one of WAYS, for `limit` seconds at most, with these parameters ("NAME=VALUE").

    `names` are the notebook's variables: they are told where each stage ends.
    """
    scratch = place.scratch
    scratch.fresh()
    before = scratch.snapshot()
    config = {"package": project.package, "names": sorted(names)}
    out = scratch.home / f"shown-{mode}"
    command = [place.python.exe, "-m", project.package, "run", *WAYS[mode], "--out", str(out)]
    command += [word for setting in settings for word in ("--set", setting)]
    surroundings = environment(scratch, place.controls, config, project.folder)
    (out / "run.json").unlink(missing_ok=True)
    ended = place.start(command, scratch.folder, surroundings, limit)
    reports = list(_reports([out / "run.json"]))
    order = [one["stage"] for one in reports] if mode == "jobs" else []
    record = _record(mode, place, before, ended, limit, [out / "displays"], order)
    return replace(record, took=tuple(_took(reports)))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A run that something else than the project's own command starts, in the project's folder."""

    mode: str
    # One after another; programs of the interpreter's environment come first.
    commands: tuple[tuple[str, ...], ...]
    environment: Mapping[str, str]
    folder: Path  # stdout/<number>-<stage>.txt and shown/<number>-<stage>/displays


def run_elsewhere(
    project: Project, way: Elsewhere, place: Place, limit: float, names: Collection[str]
) -> RunRecord:
    """Run the project in another way; what is recorded is the same as of `run_pipeline`."""
    scratch = place.scratch
    scratch.fresh()
    shutil.rmtree(way.folder, ignore_errors=True)
    before = scratch.snapshot()
    config = {"package": project.package, "names": sorted(names)}
    found = environment(scratch, place.controls, config, project.folder)
    programs = str(Path(place.python.exe).parent)
    path = os.pathsep.join([programs, found.get("PATH", os.defpath)])
    found = {**found, "PATH": path, "PIPELINE_WORKDIR": str(scratch.folder), **way.environment}
    ended = Ended(0, "", "", 0.0)
    for command in way.commands:
        program = shutil.which(command[0], path=path)
        if program is None:
            raise EnvironmentFault(f"there is no {command[0]} in {programs}; install it there")
        ended = place.start([program, *command[1:]], project.folder, found, limit)
        if ended.code != 0:
            break
    printed = [path.read_bytes() for path in sorted((way.folder / "stdout").glob("[0-9]*.txt"))]
    stdout = b"".join(printed).decode("utf-8", "replace").replace("\r\n", "\n")
    shown = sorted((way.folder / "shown").glob("[0-9]*/displays"))
    record = _record(way.mode, place, before, replace(ended, stdout=stdout), limit, shown)
    reports = _reports(sorted((way.folder / "records").glob("[0-9]*.json")))
    return replace(record, took=tuple(_took(reports)))


def _record(
    mode: str,
    place: Place,
    before: Mapping[str, tuple[int, int]],
    ended: Ended,
    limit: float,
    shown: Sequence[Path],
    order: Sequence[str] = (),
) -> RunRecord:
    """What the run did, as its probe and its folders tell; `order` is that of stages which ran side by side."""
    scratch = place.scratch
    check_room(scratch, ended.stderr if ended.code else "")
    told = in_turn(list(events(scratch)), order)
    stages = [one for one in told if one["event"] == "stage"]
    errors = list(_errors(told))
    pictures = tuple(one for folder in shown for one in _shown(folder))
    failure = _end(ended, errors, limit)
    return RunRecord(
        mode=mode,
        stdout=((0, ended.stdout),),
        borders=tuple(border(one) for one in stages),
        displays=tuple(_displays(told, pictures)),
        files=files.written(scratch, before),
        failure=failure,
        exceptions=tuple(error for error in errors if failure is None or error != errors[-1]),
        seconds=ended.seconds,
        probe_seconds=round(sum(one.get("probe_seconds", 0.0) for one in told), 3),
        joined=tuple(_joined(ended.stderr)),
        modules=frozenset(name for one in stages for name in one["modules"]),
        shown=pictures,
    )


def _reports(paths: Sequence[Path]) -> Iterator[Mapping[str, Any]]:
    """What is told of each stage, in the runner's record of the run, or in an engine's record of each stage."""
    for path in paths:
        if path.is_file():
            told = json.loads(path.read_text(encoding="utf-8"))
            yield from told.get("stages", [told])


def _took(reports: Iterable[Mapping[str, Any]]) -> Iterator[Took]:
    for one in reports:
        if "memory_mb" in one:
            yield Took(one["stage"], one["seconds"], one["memory_mb"], one["bytes"])


def in_turn(told: list[dict[str, Any]], order: Sequence[str]) -> list[dict[str, Any]]:
    """The events of stages that ran side by side as if each had run in its turn.

    A process that ran ahead in vain does not count: its stage ran again later, or it was ended before it told.
    """
    if not order:
        return told
    last = {one["stage"]: one["pid"] for one in told if one["event"] == "stage"}
    turns = {last[stage]: turn for turn, stage in enumerate(order) if stage in last}
    return sorted((one for one in told if one["pid"] in turns), key=lambda one: turns[one["pid"]])


def stage_outputs(project: Project, place: Place) -> dict[str, frozenset[str]]:
    """What each stage hands on, as the project's own command tells; InputError when it does not answer."""
    surroundings = environment(place.scratch, place.controls, {}, project.folder)
    command = [place.python.exe, "-m", project.package, "graph", "--format", "json"]
    ended = place.start(command, project.folder, surroundings, 120)
    try:
        stages = json.loads(ended.stdout)["stages"]
        return {stage["name"]: frozenset(stage["outputs"]) for stage in stages}
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"python -m {project.package} graph does not tell the stages: {ended.last_words}"
        ) from None


def _errors(told: Sequence[Mapping[str, Any]]) -> Iterator[Failure]:
    """The exceptions in order; those of an IPython stage's cells come before the event that names their stage."""
    open_errors: list[Mapping[str, Any]] = []
    for one in told:
        if one["event"] == "exception":
            open_errors.append(one["error"])
        elif one["event"] == "stage":
            errors = open_errors or [one["error"]] if one["error"] or open_errors else []
            yield from (Failure(e["name"], e["value"], line=e["line"], stage=one["stage"]) for e in errors)
            open_errors = []


def _joined(text: str) -> Iterator[Joined]:
    """What the runner says on stderr about stages that it had to run in one process."""
    for match in _JOINED.finditer(text):
        because, second, first = match.groups()
        yield Joined(first, second, because)


def _end(ended: Ended, errors: Sequence[Failure], timeout: float) -> Failure | None:
    """What ended the run early: the stage's own error, or what the command said last."""
    if ended.code == 0:
        return None
    if ended.code is None:
        return Failure("Timeout", f"the pipeline did not end within {timeout:g} s")
    lines = [line.strip() for line in ended.stderr.splitlines() if line.strip()]
    failed = _FAILED.search(ended.stderr)
    if errors and (failed is None or errors[-1].stage == failed.group(1)):
        return errors[-1]
    stage = failed.group(1) if failed else ""
    said = [line for line in lines if not _FAILED.match(line)]
    found = next((match for line in reversed(said) if (match := _EXCEPTION.match(line))), None)
    if found:
        return Failure(found.group(1), found.group(2) or "", stage=stage)
    return Failure(f"exit {ended.code}", said[-1] if said else "", stage=stage)


def _displays(told: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, str]]) -> list[Display]:
    values = [value(one) for one in told if one["event"] == "display"]
    pictures = shown if len(shown) == len(values) else [{} for _ in values]
    return [Display(one, 0, data) for one, data in zip(values, pictures, strict=True)]


def _shown(folder: Path) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("[0-9]*.*")) if folder.is_dir() else ():
        data = found.setdefault(path.stem, {})
        if path.suffix in _PICTURES:
            data[_PICTURES[path.suffix]] = base64.b64encode(path.read_bytes()).decode()
        elif path.suffix in _TEXTS:
            data[_TEXTS[path.suffix]] = path.read_text(encoding="utf-8", errors="replace")
    return list(found.values())
