"""The pipeline prints what the notebook printed when both were run and proved equal."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
RECORD = json.loads((PROJECT / "tests" / "recorded.json").read_text("utf-8"))
SETTINGS = RECORD["settings"]
LOCK = json.loads((PROJECT / "nb2pipe.lock").read_text("utf-8"))
NOTEBOOK = (PROJECT / LOCK["notebook"]).resolve()
AROUND = [(NOTEBOOK.parent / place).resolve() for place in RECORD["around"]]
ROOT = Path(os.path.commonpath([NOTEBOOK.parent, *AROUND]))

# Set as it was when the record was made: random numbers begin anew, libraries use one thread.
START = """
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
THREADS = ["OMP", "OPENBLAS", "MKL", "NUMEXPR"]


def is_left_out(path):
    names = {".git", "__pycache__", ".ipynb_checkpoints", "node_modules"}
    return path.name in names or path == PROJECT or (path / "pyvenv.cfg").exists()


def copied(target):
    """A copy of the notebook's surroundings: a run writes there."""

    def left_out(folder, names):
        return {name for name in names if is_left_out(Path(folder, name))}

    for source in AROUND:
        place = target / source.relative_to(ROOT)
        if source.is_dir():
            shutil.copytree(
                source,
                place,
                ignore=left_out,
                ignore_dangling_symlinks=True,
                dirs_exist_ok=True,
            )
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, place)
    return target / NOTEBOOK.parent.relative_to(ROOT)


def printed(folder, out):
    """What a run prints in this folder, line by line, without addresses and times."""
    settings = {f"{name}_NUM_THREADS": "1" for name in THREADS}
    paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    settings["PYTHONPATH"] = os.pathsep.join(paths)
    settings["PYTHONHASHSEED"] = SETTINGS["hashseed"]
    settings["PYTHONIOENCODING"] = "utf-8"
    values = out.with_name("values.json")
    values.write_text(json.dumps(RECORD["params"]), "utf-8")
    told = {**SETTINGS, "package": LOCK["package"]}
    words = [json.dumps(told), "run", "--out", str(out)]
    words += ["--params", str(values)] if RECORD["params"] else []
    done = subprocess.run(
        [sys.executable, "-c", START, *words],
        cwd=folder,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    text = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    for pattern in SETTINGS["not_part"]:
        text = re.sub(pattern, "", text, flags=re.MULTILINE)
    lines = re.sub(SETTINGS["address"], "0x..", text).split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def known(lines, recorded):
    """The lines, with None where the record has none: those vary from run to run."""
    pairs = zip(lines, recorded)
    found = [None if was is None else line for line, was in pairs]
    return found + lines[len(recorded) :]


@pytest.mark.skipif(
    not NOTEBOOK.exists(), reason=f"{NOTEBOOK} and its data are not here"
)
def test_prints_what_the_notebook_printed(tmp_path):
    lines = printed(copied(tmp_path / "copy" / ROOT.name), tmp_path / "out")
    begin, end = RECORD["begin"], RECORD["end"]
    if end is None:
        assert known(lines, begin) == begin
    else:  # how many lines stand between the two varies from run to run
        assert known(lines[: len(begin)], begin) == begin
        assert known(lines[len(lines) - len(end) :], end) == end
