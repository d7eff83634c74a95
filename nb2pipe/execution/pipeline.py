"""A run of the converted pipeline, in one of its ways, in a fresh scratch copy."""

import base64
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import files, processes
from .interpreter import Interpreter
from .records import Controls, Display, Failure, RunRecord
from .scratch import Scratch
from .surroundings import border, environment, events, value

WAYS: Mapping[str, tuple[str, ...]] = {
    "in-process": (),
    "isolated": ("--isolated",),
    "jobs": ("--jobs", "2"),
    "cache-cold": ("--isolated", "--cache"),
    "cache": ("--isolated", "--cache"),
}
_FAILED = re.compile(r"^stage (\S+) \(cells? ([\d, ]+)\) failed", re.MULTILINE)
_EXCEPTION = re.compile(r"^([A-Za-z_][\w.]*)(?:: (.*))?$")
_PICTURES = {".png": "image/png", ".jpeg": "image/jpeg"}
_TEXTS = {".txt": "text/plain", ".html": "text/html", ".md": "text/markdown", ".svg": "image/svg+xml"}


def run_pipeline(
    project: Path,
    package: str,
    mode: str,
    scratch: Scratch,
    python: Interpreter,
    controls: Controls,
    timeout: float,
    names: Collection[str],
    arguments: Sequence[str] = (),
) -> RunRecord:
    """Run the project's copy in one of WAYS; `names` are the notebook's variables, told where each stage ends."""
    scratch.fresh()
    before = scratch.snapshot()
    config = {"package": package, "names": sorted(names)}
    out = scratch.home / f"shown-{mode}"
    command = [python.exe, "-m", package, "run", *WAYS[mode], "--out", str(out), *arguments]
    ended = processes.run(command, scratch.folder, environment(scratch, controls, config, project), timeout)
    told = list(events(scratch))
    stages = [one for one in told if one["event"] == "stage"]
    errors = [_failure(one) for one in stages if one["error"]]
    failure = _end(ended, errors, timeout)
    return RunRecord(
        mode=mode,
        stdout=((0, ended.stdout),),
        borders=tuple(border(one) for one in stages),
        displays=tuple(_displays(told, out)),
        files=files.written(scratch, before),
        failure=failure,
        exceptions=tuple(error for error in errors if failure is None or error != errors[-1]),
        seconds=ended.seconds,
        probe_seconds=round(sum(one.get("probe_seconds", 0.0) for one in told), 3),
        notes=tuple(line for line in ended.stderr.splitlines() if " same process" in line),
    )


def _failure(told: Mapping[str, Any]) -> Failure:
    error = told["error"]
    return Failure(error["name"], error["value"], line=error["line"], stage=told["stage"])


def _end(ended: processes.Ended, errors: Sequence[Failure], timeout: float) -> Failure | None:
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


def _displays(told: Sequence[Mapping[str, Any]], out: Path) -> list[Display]:
    values = [value(one) for one in told if one["event"] == "display"]
    shown = _shown(out / "displays")
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
