"""Run the pipeline, and register the model that it fits."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from ..observing import served
from ..observing.describing import contract, measured, model_of
from ..observing.digests import of_files
from ..observing.distributions import distribution
from ..observing.metrics import Metric, metrics
from ..observing.model import Model
from ..observing.replaying import earliest
from ..observing.rows import to_rows
from ..observing.running import NOTEBOOK, ROOT, Run, run
from . import saving
from .versions import Registry, now

_SAMPLE = 50


def train(
    registry: Registry,
    given: Mapping[str, Any] | None = None,
    workdir: Path = NOTEBOOK,
) -> str:
    """A new version, made by one run of the pipeline; its id."""
    done = run(given, workdir, borders=True)
    chosen = served.find(done)
    found = earliest(done, chosen)
    model = model_of(chosen, found)
    content, how = saving.dumped(model)
    rows = to_rows(found.given, model.shape)
    told = {
        "manifest.json": _manifest(done, metrics(done, chosen), how, workdir),
        "contract.json": contract(model, found),
        "sample.json": _sample(model, _spread(rows)),
        "reference.json": distribution(rows, model.shape, model),
    }
    version = _id(content)
    registry.save(version, told, content)
    return version


def _spread(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Some of the rows, from the first to the last: the first ones may be of one season."""
    return rows[:: -(-len(rows) // _SAMPLE) or 1]


def _sample(model: Model, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answers = model.predict(rows)
    return [{"row": row, "answer": asdict(one)} for row, one in zip(rows, answers)]


def _manifest(
    done: Run, found: list[Metric], how: Mapping[str, Any], workdir: Path
) -> dict[str, Any]:
    package = Path(__file__).parents[1]
    return {
        "made": now(),
        "commit": _commit(),
        "parameters": dict(done.values),
        "inputs": of_files(workdir, workdir.rglob("*")),
        "code": of_files(package, package.rglob("*.py")),
        "python": sys.version.split()[0],
        "packages": _packages(),
        "metrics": [measured(one) for one in found],
        "printed": hashlib.sha256(done.printed.encode()).hexdigest(),
        "model": dict(how),
    }


def _commit() -> str:
    command = ["git", "rev-parse", "HEAD"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _packages() -> dict[str, str]:
    found = [(one.metadata["Name"], one.version) for one in metadata.distributions()]
    return dict(sorted((str(name), version) for name, version in found if name))


def _id(content: bytes) -> str:
    """Sorts by age, also where two versions are made in one second."""
    seconds, rest = divmod(time.time_ns(), 10**9)
    moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))
    return f"{moment}.{rest // 1000:06}-{hashlib.sha256(content).hexdigest()[:8]}"
