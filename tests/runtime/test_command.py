"""The options of the generated command, and how it ends when something is in its way."""

import json
import os
import pty
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from runtime_projects import MakeProject, Project

STAGES = (
    "one = 1; print('one')",
    "print('two', one)\nif not __import__('os').path.exists('mended'):\n    raise ValueError('broken')",
    "print('three', one)",
)
MODES = {
    "in one process": [],
    "isolated": ["--isolated"],
    "jobs": ["--jobs", "2"],
    "cache": ["--cache"],
    "all": ["--isolated", "--jobs", "2", "--cache"],
}


def make(scripts: MakeProject) -> Project:
    """Three stages, of which the second fails until the file `mended` is there."""
    return scripts(*STAGES, names=["one"])


@pytest.mark.parametrize("mode", ["isolated", "jobs", "cache"])
def test_run_goes_on_after_a_failure(scripts: MakeProject, mode: str) -> None:
    project = make(scripts)
    failed = project.run("run", *MODES[mode])
    assert (failed.returncode, failed.stdout) == (1, "one\ntwo 1\n")
    assert "stage cell_2 (cell 2) failed" in failed.stderr
    (project.data / "mended").touch()
    again = project.run("run", *MODES[mode], "--from", "cell_2")
    assert (again.returncode, again.stdout) == (0, "two 1\nthree 1\n"), again.stderr
    only = project.run("run", "--only", "cell_3")
    assert (only.returncode, only.stdout) == (0, "three 1\n"), only.stderr


def test_mended_stage_goes_on_from_the_states_before_it(scripts: MakeProject) -> None:
    project = make(scripts)
    project.run("run", "--isolated")
    stage = project.folder / "demo" / "stages" / "cell_2.py"
    stage.write_text("print('mended', one)\n")
    done = project.run("run", "--from", "cell_2")
    assert (done.returncode, done.stdout) == (0, "mended 1\nthree 1\n"), done.stderr
    (project.folder / "demo" / "stages" / "cell_1.py").write_text("one = 2\n")
    done = project.run("run", "--from", "cell_2")
    assert done.returncode == 2
    assert "cell_1" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "cell_2"], "no run with these parameters"),
        (["--only", "cell_2"], "no run with these parameters"),
        (["--from", "nowhere"], "cell_1, cell_2, cell_3"),
        (["--jobs", "0"], "--jobs"),
        (["--workdir", "nowhere"], "--workdir"),
        (["--set", "one=1"], "no parameter 'one'"),
        (["--params", "nowhere.json"], "nowhere.json"),
    ],
)
def test_wrong_usage_is_told_in_one_sentence(scripts: MakeProject, options: list[str], said: str) -> None:
    done = make(scripts).run("run", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("mode", MODES)
def test_one_script_stage(scripts: MakeProject, mode: str) -> None:
    text = "import sys\nvalue = [1, 2]\nprint(sum(value), __name__, sys.argv[0])"
    project = scripts(text)
    for options in ([], ["--from", "cell_1"], ["--only", "cell_1"]):
        done = project.run("run", *MODES[mode], *options)
        assert (done.returncode, done.stdout) == (0, "3 __main__ ipykernel_launcher.py\n"), done.stderr


@pytest.mark.parametrize("mode", MODES)
def test_workdir_is_where_files_are(scripts: MakeProject, mode: str, tmp_path: Path) -> None:
    project = scripts("import helper; text = helper.read()", "print(text)", names=["text"])
    place = tmp_path / "place"
    place.mkdir()
    (place / "data.txt").write_text("there")
    (place / "helper.py").write_text("def read():\n    return open('data.txt').read()\n")
    done = project.run("run", *MODES[mode], "--workdir", "../place")
    assert (done.returncode, done.stdout) == (0, "there\n"), done.stderr
    assert sorted(path.name for path in place.iterdir() if path.name != "__pycache__") == [
        "data.txt",
        "helper.py",
    ]


def test_runs_go_to_the_cache_of_the_user(scripts: MakeProject, tmp_path: Path) -> None:
    project = scripts("from demo.runner.kernel import display; display(1)")
    (project.folder / "runs").write_text("no folder")
    done = project.run("run", XDG_CACHE_HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "home" / "demo" / "runs").glob("*/displays/0001.txt"))) == 1


def test_progress_is_told_at_a_terminal(scripts: MakeProject) -> None:
    project = scripts("print('one')", "print('two')")
    project.data.mkdir(exist_ok=True)
    parent, child = pty.openpty()
    words = [sys.executable, "-m", "demo", "run"]
    env = {**os.environ, "PYTHONPATH": str(project.folder)}
    done = subprocess.run(words, cwd=project.data, env=env, stdout=subprocess.PIPE, stderr=child, check=False)
    os.close(child)
    said = os.read(parent, 4096).decode()
    os.close(parent)
    assert done.stdout == b"one\ntwo\n"
    assert [line.split()[:2] for line in said.splitlines()] == [["[1/2]", "cell_1"], ["[2/2]", "cell_2"]]


def started(project: Project, *options: str) -> subprocess.Popen[bytes]:
    """The command, running in a session of its own."""
    project.data.mkdir(exist_ok=True)
    env = {**os.environ, "PYTHONPATH": str(project.folder)}
    words = [sys.executable, "-m", "demo", "run", *options]
    return subprocess.Popen(
        words,
        cwd=project.data,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.parametrize("mode", MODES)
def test_interrupt_leaves_nothing_behind(scripts: MakeProject, mode: str) -> None:
    waits = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
    project = scripts("big = list(range(100000))", waits, names=["big"])
    process = started(project, *MODES[mode])
    pid = project.data / "pid"
    while not (pid.is_file() and pid.read_text()):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert b"Traceback" not in said
    assert not list(project.folder.rglob("*.part"))
    assert not Path(f"/proc/{pid.read_text()}").exists()


@pytest.mark.parametrize("mode", MODES)
def test_full_disk(scripts: MakeProject, mode: str) -> None:
    project = scripts("big = list(range(100000))", "print(sum(big))", names=["big"])
    project.data.mkdir()
    code = f"import sys; from demo.__main__ import main, PIPELINE; sys.exit(main(PIPELINE, {['run', *MODES[mode]]}))"
    env = {**os.environ, "PYTHONPATH": str(project.folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.data,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    assert (done.returncode, done.stdout) == (0, "4999950000\n"), done.stderr
    assert not list(project.folder.rglob("*.part"))


def test_full_disk_where_values_are_displayed(scripts: MakeProject) -> None:
    project = scripts("from demo.runner.kernel import display; display('x' * 9000)")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))"
    (project.folder / "demo" / "__init__.py").write_text(limit)
    done = project.run("run")
    assert done.returncode == 1
    assert "cannot keep a displayed value" in done.stderr
    assert "Traceback" not in done.stderr


def test_record_tells_what_shared_a_process(scripts: MakeProject) -> None:
    project = scripts("gen = iter([1])", "print(next(gen))", names=["gen"])
    assert project.run("run", "--jobs", "2").stdout == "1\n"
    record = json.loads(next(project.folder.glob("runs/*/run.json")).read_text())
    assert record["joined"] == 1


def test_pool_of_workers_ends_with_the_run(scripts: MakeProject) -> None:
    pool = "from concurrent.futures import ProcessPoolExecutor; pool = ProcessPoolExecutor(1)"
    project = scripts(f"{pool}; print(pool.submit(pow, 2, 5).result())")
    assert project.run("run").stdout == "32\n"  # a worker that stays would keep the pipe open
