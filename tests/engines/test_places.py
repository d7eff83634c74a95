"""Where the states of a run lie: a folder, or a URL; the result is the same."""

import json
import os
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from notebook_files import write_notebook

from nb2pipe.cli import main

CELLS = (
    "#md # Tiny",
    "import random\nrandom.seed(3)\nSIZE = 3",
    "#md ## Load",
    "rows = [random.random() for _ in range(SIZE)]\nalias = rows\nprint(len(rows))",
    "#md ## Change",
    "alias.append(random.random())\nrows",
    "#md ## Draw",
    "print(random.random(), rows is alias, sum(rows))",
)
STAGES = "load", "change", "draw"
SERVER = "moto[s3]", "flask", "flask-cors"  # its extra "server" brings much that S3 does not need
RUN_ALL = (
    f"from tiny import engine\nfor name in {STAGES}: engine.run_stage(name, URL, say=lambda line: None)\n"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    notebook = write_notebook(folder, *CELLS, name="tiny.ipynb")
    assert main(["convert", str(notebook), "-o", str(folder / "out"), "-q", "--engine", "luigi"]) == 0
    return folder / "out"


def printed(project: Path, *words: str, python: str = sys.executable, **more: str) -> str:
    """The stdout of a command that must succeed."""
    environment = {**os.environ, **more}
    done = subprocess.run(
        [python, *words], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


SCRIPT = """
import json, sys
from tiny import engine

for place in ("memory://one", "file://" + sys.argv[1]):
    for name in {stages}:
        engine.run_stage(name, place, say=lambda line: None)
print(json.dumps([engine.printed(place) for place in ("memory://one", "file://" + sys.argv[1])]))
for code in {codes}:
    try:
        exec(code)
        print(json.dumps(""))
    except BaseException as error:
        print(json.dumps(str(error)))
"""
CASES = (
    ("engine.adopt('load', 'memory://one', 'memory://two')\nengine.run_stage('change', 'memory://two')", ""),
    ("engine.adopt('load', 'memory://one', 'here')\nengine.run_stage('change', 'here')", ""),
    ("assert '    [0.2' in engine.report({'stage': 'change'}, 'memory://one')", ""),
    ("engine.run_stage('change', 'memory://no')", "no state in memory://no/states/001-load: run that"),
    ("engine.run_stage('load', 'nosuch://there')", "nosuch://there cannot be opened"),
    ("sys.modules['fsspec.core'] = None\nengine.run_stage('load', 'memory://one')", "pip install fsspec"),
)


@pytest.fixture(scope="module")
def outcomes(project: Path, tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """What runs at two URLs printed, and what each of the cases said: all in one process, whose memory is a place."""
    script = SCRIPT.format(stages=STAGES, codes=[code for code, _ in CASES])
    said = printed(project, "-c", script, str(tmp_path_factory.mktemp("there")))
    return [json.loads(line) for line in said.splitlines() if line[:1] in ('"', "[")]


def test_run_at_a_url_leaves_what_the_run_prints(project: Path, outcomes: list[object]) -> None:
    expected = printed(project, "-m", "tiny", "run")
    assert outcomes[0] == [expected, expected]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_what_becomes_of_a_run_at_a_url(outcomes: list[object], number: int) -> None:
    code, told = CASES[number]
    said = str(outcomes[number + 1])
    assert told in said
    assert bool(said) is bool(told), (code, said)


def test_named_place_may_be_a_url(project: Path) -> None:
    code = "from tiny.engine import run_folder\nprint(run_folder('airflow', 'one'))"
    assert printed(project, "-c", code, PIPELINE_RUN="s3://bucket/runs/") == "s3://bucket/runs/one\n"
    assert printed(project, "-c", code, PIPELINE_RUN="/there") == "/there\n"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """An interpreter that reaches S3, and where it finds a server of our own."""
    folder = tmp_path_factory.mktemp("s3")
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    printed(folder, "-m", "pip", "install", "-q", "s3fs", *SERVER, python=python)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    words = [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
        yield python, {**keys, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server of S3 did not begin")


@pytest.mark.slow
def test_run_in_a_bucket(project: Path, s3: tuple[str, dict[str, str]]) -> None:
    python, reached = s3
    expected = printed(project, "-m", "tiny", "run", python=python)
    printed(project, "-c", "import s3fs; s3fs.S3FileSystem().mkdir('bucket')", python=python, **reached)
    for _ in ("first", "again, over what lies there"):
        parts = [
            printed(project, "-m", "tiny.engine", name, "--run", "s3://bucket/run", python=python, **reached)
            for name in STAGES
        ]
        assert "".join(parts) == expected
    listed = "import s3fs; print(sorted(s3fs.S3FileSystem().ls('bucket/run/states')))"
    assert printed(project, "-c", listed, python=python, **reached).count("bucket/run/states/") == 3
    kept = "from tiny import engine\nprint(engine.printed('s3://bucket/run'), end='')"
    assert printed(project, "-c", kept, python=python, **reached) == expected
