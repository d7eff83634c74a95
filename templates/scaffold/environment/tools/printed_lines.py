"""What the pipeline prints in an environment, line by line, against the record of the proof."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "tests" / "recorded.json"
_LOCK = json.loads((ROOT / "nb2pipe.lock").read_text("utf-8"))
PACKAGE, NOTEBOOK = _LOCK["package"], _LOCK["notebook"]
# Without a proof's settings: random numbers that are not seeded vary, and are seen to.
_PLAIN = {"seed": None, "hashseed": "0", "not_part": [], "address": "0x[0-9a-f]+"}
_START = """
import json, random, runpy, sys
told = json.loads(sys.argv.pop(1))
if told["seed"] is not None:
    random.seed(told["seed"])
    if told["numpy"]:
        import numpy.random
        numpy.random.seed(told["seed"])
        numpy.random.bit_generator.randbits = lambda bits: told["seed"]
    if told["torch"]:
        import torch
        torch.manual_seed(told["seed"])
runpy.run_module(told["package"], run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class Record:
    """The lines that a run prints; None stands for one that varies."""

    begin: Sequence[str | None]
    end: Sequence[str | None] | None  # after a place where the number of lines varies
    settings: dict[str, Any]
    params: dict[str, Any]

    def differences(self, lines: Sequence[str]) -> list[str]:
        """Where printed lines are other ones than those of the record."""
        if self.end is None and len(lines) != len(self.begin):
            return [f"{len(lines)} lines are printed, {len(self.begin)} are recorded"]
        end = self.end or ()
        if len(lines) < len(self.begin) + len(end):
            return [f"only {len(lines)} lines are printed"]
        last = lines[len(lines) - len(end) :]
        pairs = [*zip(self.begin, lines), *zip(end, last)]
        return [
            f"recorded: {was!r}, printed: {now!r}"
            for was, now in pairs
            if was is not None and was != now
        ]


def recorded() -> Record | None:
    """The record of the proof, where there was one."""
    if not RECORD.exists():
        return None
    told = json.loads(RECORD.read_text("utf-8"))
    return Record(told["begin"], told["end"], told["settings"], told["params"])


def seen(folder: Path, python: str = sys.executable) -> Record:
    """A record made here, of two runs; lines that differ between them vary."""
    plain = Record((), None, _PLAIN, {})
    one, other = (printed(python, folder, plain) for _ in range(2))
    if len(one) != len(other):
        return Record((), (), _PLAIN, {})
    lines = [line if line == again else None for line, again in zip(one, other)]
    return Record(lines, None, _PLAIN, {})


def printed(python: str, folder: Path, record: Record) -> list[str]:
    """What a run in a copy of this folder's notebook/ prints, set as the record was."""
    told = {**record.settings, "package": PACKAGE}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        shutil.copytree(folder / "notebook", place / "notebook")
        values = place / "values.json"
        values.write_text(json.dumps(record.params), "utf-8")
        words = ["run", "--out", str(place / "out")]
        words += ["--params", str(values)] if record.params else []
        done = subprocess.run(
            [python, "-c", _START, json.dumps(told), *words],
            cwd=(place / NOTEBOOK).parent,
            env=_environment(folder, told),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=True,
        )
    return _lines(done.stdout.decode("utf-8", "replace"), told)


def _environment(folder: Path, told: dict[str, Any]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    return {
        **kept,
        **{f"{name}_NUM_THREADS": "1" for name in threads},
        "PYTHONPATH": str(folder),
        "PYTHONHASHSEED": str(told["hashseed"]),
        "PYTHONIOENCODING": "utf-8",
    }


def _lines(text: str, told: dict[str, Any]) -> list[str]:
    text = text.replace("\r\n", "\n")
    for pattern in told["not_part"]:
        text = re.sub(pattern, "", text, flags=re.MULTILINE)
    lines = re.sub(told["address"], "0x..", text).split("\n")
    return lines[:-1] if lines[-1] == "" else lines
