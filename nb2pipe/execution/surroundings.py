"""The environment of a run, the same for a notebook and for a pipeline, and the probe that stands beside it."""

import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .processes import MARK
from .records import Aliases, Border, Controls, Seen, Value
from .scratch import Scratch, disk_faults

_PROBE = Path(__file__).parent / "probe"
_THREADS = "OMP OPENBLAS MKL VECLIB_MAXIMUM NUMEXPR".split()
_DROPPED = ("PYTHON", "JUPYTER", "IPYTHON", "MPLBACKEND", "NB2PIPE", "COLUMNS", "LINES")


def environment(
    scratch: Scratch, controls: Controls, config: Mapping[str, Any], project: Path | None
) -> dict[str, str]:
    """The environment variables of a run whose probe has this configuration."""
    records = scratch.home / "records"
    told = {
        **config,
        "records": str(records),
        "seed": controls.seed,
        "freeze": controls.freeze,
        "rows": controls.rows,
    }
    with disk_faults():
        folder = _place_probe(scratch)
        shutil.rmtree(records, ignore_errors=True)
        records.mkdir()
        (scratch.home / "proof.json").write_text(json.dumps(told), encoding="utf-8")
    found = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
    found |= {f"{name}_NUM_THREADS": "1" for name in _THREADS if name != "VECLIB_MAXIMUM"}
    found["VECLIB_MAXIMUM_THREADS"] = "1"
    found |= {
        "PYTHONHASHSEED": controls.hashseed,
        "PYTHONPATH": os.pathsep.join([str(folder), *([str(project)] if project else [])]),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(scratch.home / "tmp"),
        "IPYTHONDIR": str(scratch.home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(scratch.home / "jupyter"),
        "JUPYTER_DATA_DIR": str(scratch.home / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(scratch.home / "jupyter"),
        "NB2PIPE_PROOF": str(scratch.home / "proof.json"),
        MARK: uuid.uuid4().hex,
    }
    return found


def _place_probe(scratch: Scratch) -> Path:
    folder = scratch.home / "probe"
    if not folder.exists():
        shutil.copytree(
            _PROBE,
            folder / "_nb2pipe_probe",
            ignore=shutil.ignore_patterns("__pycache__", "sitecustomize.py"),
        )
        shutil.copy(_PROBE / "sitecustomize.py", folder)
    return folder


def events(scratch: Scratch) -> Iterator[dict[str, Any]]:
    """What the probe told, in the order of time; a process that was ended may leave half a line."""
    texts = [path.read_bytes() for path in (scratch.home / "records").glob("*.jsonl")]
    told = [json.loads(line) for text in texts for line in text[: text.rfind(b"\n") + 1].splitlines()]
    yield from sorted(told, key=lambda one: one["wall"])


def value(told: Mapping[str, Any]) -> Value:
    """A variable as the probe told of it."""
    return Value(
        kind=told["kind"],
        digest=told["digest"],
        summary=told.get("summary", ""),
        reasons=tuple(told.get("reasons", ())),
        identity=told.get("identity", 0),
        parts=told.get("parts", {}),
    )


def border(told: Mapping[str, Any]) -> Border:
    """The variables of one event."""
    return Border(
        variables={name: value(one) for name, one in told["variables"].items()},
        aliases=_aliases(told["aliases"]),
        cell=told.get("cell", 0),
        stage=told.get("stage", ""),
        frame=frozenset(told.get("frame", ())),
        old=told.get("old", {}),
    )


def seen(told: Mapping[str, Any]) -> Seen:
    """What a cell did, of one event."""
    files = (tuple(told[what]) for what in ("reads", "writes", "removes"))
    return Seen(told["cell"], told["seconds"], told["sizes"], *files)


def _aliases(told: Mapping[str, Any]) -> Aliases:
    steps = {int(node): dict(reached) for node, reached in told["steps"].items()}
    return Aliases(told["roots"], steps, told["whole"])
