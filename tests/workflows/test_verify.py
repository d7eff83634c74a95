"""`verify` and `convert --verify` as users call them: verdicts, exit codes, and what they leave behind."""

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

import pytest
from notebook_files import write_notebook

import nb2pipe
from nb2pipe.cli import main

pytestmark = pytest.mark.slow

TWO_STAGES = (
    "#md ## Load",
    "SIZE = 4\nrows = list(range(SIZE))\nkeep = rows",
    "#md ## Use",
    "rows.append(7)\ntotal = sum(keep)\nprint(total)\nrows",
)


def project_of(folder: Path, *cells: str) -> Path:
    """A converted project beside its notebook's folder."""
    (folder / "nb").mkdir(exist_ok=True)
    notebook = write_notebook(folder / "nb", *cells)
    assert main(["convert", str(notebook), "-o", str(folder / "out"), "-q"]) == 0
    return folder / "out"


def verify(project: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the proof, and what was said on stderr."""
    words = [sys.executable, "-m", "nb2pipe", "verify", str(project), "--format", "json", *options]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def state_of(folder: Path) -> dict[str, str]:
    """Every file with its digest."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_equal_in_every_mode(tmp_path: Path) -> None:
    project = project_of(tmp_path, *TWO_STAGES)
    code, proof, said = verify(project, "--modes", "in-process,isolated,cache,jobs")
    assert (code, proof["verdict"], proof["coverage"]) == (0, "equal", 1.0)
    assert proof["schema"] == "nb2pipe.proof/1"
    assert proof["modes"] == ["in-process", "isolated", "cache", "jobs"]
    assert proof["compared"]["stdout_lines"] == 1
    assert proof["compared"]["displays"] == 1
    (*before, last) = proof["stages"]  # each had a process of its own: what it took is known
    assert all(one["memory_mb"] > 1 and one["bytes"] > 100 for one in before), before
    assert last["bytes"] == 0
    assert said.startswith("the notebook runs twice and the pipeline 4 times")
    assert {path.name for path in (project / "reports").iterdir()} == {"proof.json", "proof.html"}


PROVED: dict[str, tuple[tuple[str, ...], dict[str, int]]] = {
    "what a shell command gives": (("names = !echo one; echo two", "%%capture said\nprint(3)", "print(names.n)"),
                                   {"stdout_lines": 2, "variables": 2}),
    "a figure in an IPython session": (("import matplotlib.pyplot as plt\n%matplotlib inline\n1 + 1", "_",
                                        "plt.plot([1, 2]);"), {"displays": 3}),
    "a model in a file": (("#md ## A", "import pickle\nimport numpy as np\nfit = {'w': np.arange(3.0), 'b': np.zeros(1)}",
                           "#md ## B", "with open('fit.pkl', 'wb') as file:\n    pickle.dump(fit, file)"), {"files": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "compared"), PROVED.values(), ids=PROVED)
def test_proved(tmp_path: Path, cells: tuple[str, ...], compared: dict[str, int]) -> None:
    code, proof, said = verify(
        project_of(tmp_path, *cells), "--modes", "in-process,isolated", "--repeat", "1", "--quiet"
    )
    assert (code, proof.get("differences")) == (0, []), said
    assert {what: proof["compared"][what] for what in compared} == compared


@pytest.mark.parametrize(
    ("old", "new", "what", "name"),
    [
        ("rows.append(7)", "rows.append(8)", "variable", "keep"),
        ("print(total)", "pass", "stdout", "line 1"),
        ("kernel.show_result(rows)", "pass", "display", "display 1"),
        ("total = sum(keep)", "keep = list(keep); total = sum(keep)", "alias", "rows"),
    ],
)
def test_an_edit_that_changes_something_is_named(
    tmp_path: Path, old: str, new: str, what: str, name: str
) -> None:
    project = project_of(tmp_path, *TWO_STAGES)
    stage = next(path for path in project.glob("*/stages/*.py") if old in path.read_text(encoding="utf-8"))
    stage.write_text(stage.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    code, proof, _ = verify(project, "--modes", "in-process", "--repeat", "1")
    assert (code, proof["verdict"]) == (1, "different")
    assert (what, name) in {(one["what"], one["name"]) for one in proof["differences"]}
    assert {one["cell"] for one in proof["differences"]} == {2}


def test_other_inputs_are_proved_too(tmp_path: Path) -> None:
    project = project_of(tmp_path, *TWO_STAGES)
    code, proof, _ = verify(
        project, "--modes", "in-process", "--repeat", "1", "--set", "SIZE=6", "--rows", "0.5"
    )
    assert code == 0
    assert [(one["inputs"], one["verdict"]) for one in proof["other_inputs"]] == [
        ("50% of the rows", "equal"),
        ("SIZE=6", "equal"),
    ]


FAULTS: list[tuple[str, tuple[str, ...], int, str]] = [
    ("import os\nos._exit(3)", (), 4, "the kernel died in cell 2"),
    ("while True:\n    pass", ("--timeout", "2"), 4, "cell 2 took longer than 2 s"),
    ("import there_is_no_such_package", (), 4, "cell 2 imports there_is_no_such_package"),
    ("pass", ("--python", "/there/is/no/python"), 4, "there is no interpreter"),
    ("pass", ("--set", "OTHER=1"), 2, "there is no parameter 'OTHER'"),
]


@pytest.mark.parametrize(("cell", "options", "exit_code", "words"), FAULTS, ids=[one[3] for one in FAULTS])
def test_bad_surroundings(
    tmp_path: Path, cell: str, options: tuple[str, ...], exit_code: int, words: str
) -> None:
    project = project_of(tmp_path, "a = 1", cell)
    before = state_of(tmp_path)
    code, proof, said = verify(project, "--quiet", *options)
    assert (code, proof) == (exit_code, {})
    assert words in said
    assert len(said.strip().splitlines()) == 1
    assert state_of(tmp_path) == before


def test_what_a_notebook_names_above_its_folder_is_there(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("7", encoding="utf-8")
    (tmp_path / "nb").mkdir()
    notebook = write_notebook(tmp_path / "nb", "text = open('../data/a.txt').read()\nprint(text)")
    out = tmp_path / "elsewhere" / "out"
    words = ["convert", str(notebook), "-o", str(out), "--verify", "--modes", "in-process", "-q"]
    assert main(words) == 0
    record = json.loads((out / "tests/recorded.json").read_text(encoding="utf-8"))
    assert (record["begin"], record["around"]) == (["7"], [".", "../data/a.txt"])
    assert run_tests(out) == 0


@pytest.mark.parametrize("limit", [1 << 12, 1 << 17, 3 << 19, 5 << 19])
def test_a_full_disk(tmp_path: Path, limit: int) -> None:
    """No file may grow beyond a limit: the copy, the records, the notebook, and the store stop there in turn."""
    project = project_of(tmp_path, "#md ## A", "blob = b'0123456789' * 200_000", "#md ## B", "print(len(blob))",
                         "with open('blob.bin', 'wb') as file:\n    n = file.write(blob)")  # fmt: skip
    before = state_of(tmp_path)
    words = [sys.executable, "-m", "nb2pipe", "verify", str(project), "-q", "--modes", "in-process,isolated"]
    done = subprocess.run(
        [*words, "--repeat", "1"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    if limit > 4 << 19:  # larger than any file
        assert done.returncode == 0, done.stdout + done.stderr
        return
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "nb2pipe: the disk for temporary files is full; free some space or set TMPDIR\n"
    assert state_of(tmp_path) == before


def test_programs_and_threads_are_not_left_behind(tmp_path: Path) -> None:
    marker = f"left-behind-{tmp_path.name}-{os.getpid()}"
    sleeping = f"import time; time.sleep(600)  # {marker}"
    project = project_of(
        tmp_path,
        "import subprocess, sys, threading, time",
        f"quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        f"child = subprocess.Popen([sys.executable, '-c', {sleeping!r}], start_new_session=True, **quiet)",
        "thread = threading.Thread(target=time.sleep, args=(600,), daemon=True)\nthread.start()",
        "print('done')",
    )
    code, proof, said = verify(project, "--modes", "in-process", "--floor", "0", "--quiet")
    assert (code, proof.get("verdict")) == (0, "equal"), said
    assert {one["name"] for one in proof["not_compared"]} == {"child", "thread"}
    assert not [one for one in _of_processes("cmdline") if marker.encode() in one]


def _of_processes(what: str) -> list[bytes]:
    """This of every process that can be read: "cmdline" or "environ"."""
    found = []
    for path in Path("/proc").glob(f"[0-9]*/{what}"):
        try:
            found.append(path.read_bytes())
        except OSError:
            continue
    return found


def test_a_stopped_clock_is_the_same_on_both_sides(tmp_path: Path) -> None:
    project = project_of(
        tmp_path,
        "import datetime as dt\nimport time",
        "now = dt.datetime.now()\ntoday = dt.date.today()\nprint(now, today, time.time())",
        "age = today - dt.date(2000, 1, 1)\nprint(age.days, isinstance(now, dt.datetime))",
    )
    options = ("--modes", "in-process,isolated", "--quiet")
    code, proof, _ = verify(project, *options, "--freeze-time", "2024-05-17T12:00:00")
    assert (code, proof["verdict"], proof["coverage"], proof["not_compared"]) == (0, "equal", 1.0, [])
    assert proof["controls"]["clock"] == "2024-05-17T12:00:00"
    code, proof, _ = verify(project, *options)
    varying = {one["name"]: one.get("cause") for one in proof["not_compared"]}
    assert varying["now"] == "dt.datetime.now() in cell 2, line 1"
    assert varying["1 printed line"]
    code, proof, said = verify(project, *options, "--freeze-time", "yesterday")
    assert (code, proof) == (2, {})
    assert "2024-05-17T12:00:00" in said


def test_a_new_environment(tmp_path: Path) -> None:
    """From a folder of wheels, so that the test needs no network: ipykernel is missing there, and is named."""
    project = project_of(tmp_path, "a = 1\nprint(a)")
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "TMPDIR": str(tmp_path)}
    words = [sys.executable, "-m", "nb2pipe", "verify", str(project), "--clean-env", "-q"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 4
    assert done.stderr.startswith("nb2pipe: the clean environment cannot be made: ERROR: ")
    assert "ipykernel" in done.stderr
    assert not list(tmp_path.glob("nb2pipe-*"))
    (project / "requirements.txt").unlink()
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 2
    assert "requirements.txt is missing" in done.stderr


def test_an_interpreter_without_a_kernel(tmp_path: Path) -> None:
    project = project_of(tmp_path, "a = 1")
    venv.create(tmp_path / "bare", with_pip=False)
    code, _, said = verify(project, "--quiet", "--python", str(tmp_path / "bare" / "bin" / "python"))
    assert code == 4
    assert "has no ipykernel" in said


def test_a_changed_notebook_is_not_proved(tmp_path: Path) -> None:
    project = project_of(tmp_path, "a = 1")
    write_notebook(tmp_path / "nb", "a = 2")
    code, _, said = verify(project, "--quiet")
    assert code == 2
    assert "convert nb.ipynb -o out --force" in said


def test_a_notebook_that_fails_alike(tmp_path: Path) -> None:
    project = project_of(tmp_path, "print('before')\na = 1", "b = a / 0")
    code, proof, _ = verify(project, "--modes", "in-process,isolated,cache")
    assert (code, proof["verdict"]) == (1, "notebook-fails")
    assert proof["failure"] == {"cell": 2, "line": 1, "exception": "ZeroDivisionError",
                                "message": "division by zero", "same_in_pipeline": True}  # fmt: skip


def test_the_own_folder_is_untouched(tmp_path: Path) -> None:
    (tmp_path / "nb").mkdir()
    (tmp_path / "nb" / "data.csv").write_text("a\n1\n", encoding="utf-8")
    project = project_of(
        tmp_path, "import os\nos.remove('data.csv')\nos.mkdir('sub')\nos.chdir('sub')",
        "with open('new.txt', 'w') as file:\n    file.write('x')\nprint(os.path.exists('../data.csv'))",
    )  # fmt: skip
    before = state_of(tmp_path / "nb")
    code, proof, _ = verify(project, "--modes", "in-process,isolated")
    assert (code, proof["compared"]["files"]) == (0, 2)
    assert state_of(tmp_path / "nb") == before


INTERRUPTED = [
    (("verify", "out", "-q"), signal.SIGINT),
    (("verify", "out", "-q"), signal.SIGTERM),
    (("convert", "nb/nb.ipynb", "-o", "new", "--verify", "-q"), signal.SIGINT),
    (("audit", "nb/nb.ipynb", "--run", "-q"), signal.SIGINT),
    (("plan", "nb/nb.ipynb", "--run"), signal.SIGINT),
]


@pytest.mark.parametrize(("command", "number"), INTERRUPTED, ids=[f"{c[0]}-{n.name}" for c, n in INTERRUPTED])
def test_interrupted(tmp_path: Path, command: tuple[str, ...], number: signal.Signals) -> None:
    marker = tmp_path / "started"
    project_of(tmp_path, f"import time\nopen({str(marker)!r}, 'w').close()\ntime.sleep(300)")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    words = [sys.executable, "-m", "nb2pipe", *command]
    found = {**os.environ, "TMPDIR": str(scratch), "PYTHONPATH": str(Path(nb2pipe.__file__).parent.parent)}
    with subprocess.Popen(
        words, env=found, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        while not marker.exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait() == 130
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "new").exists()
    assert not [one for one in _of_processes("environ") if str(scratch).encode() in one]


def test_convert_verify_repairs_and_writes_its_reports(tmp_path: Path) -> None:
    """The generator's own frame cannot be stored, so the stages that share it become one."""
    cells = ("#md ## A", "def count():\n    yield from range(9)\nticks = count()\nfirst = next(ticks)",
             "#md ## B", "second = next(ticks)\nprint(second)", "#md ## C", "third = second * 2\nprint(third)")  # fmt: skip
    notebook = write_notebook(tmp_path, *cells)
    target = tmp_path / "out"
    words = [
        sys.executable,
        "-m",
        "nb2pipe",
        "convert",
        str(notebook),
        "-o",
        str(target),
        "--verify",
        "--floor",
        "0.5",
    ]
    done = subprocess.run([*words, "--format", "json"], capture_output=True, text=True, check=False)
    proof = json.loads(done.stdout)
    assert (done.returncode, proof["verdict"]) == (0, "equal"), done.stderr
    assert json.loads((target / "reports" / "proof.json").read_text(encoding="utf-8")) == proof
    assert proof["joined"] == []
    pinned = (target / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert all("==" in line for line in pinned)


def test_convert_verify_keeps_what_is_large_in_a_stage(tmp_path: Path) -> None:
    """A heading would cut before the sum; the first run shows that 32 MB would pass there."""
    cells = ("#md #### Double", "import numpy as np\nraw = np.arange(4_000_000.0)", "big = raw * 2",
             "#md #### Sum", "total = big.sum()\nprint(total)", "mean = total / 4_000_000", "print(mean)",
             "#md #### More", "spread = mean * 2", "rest = spread - total", "print(rest)")  # fmt: skip
    notebook = write_notebook(tmp_path, *cells)
    words = [sys.executable, "-m", "nb2pipe", "convert", str(notebook), "-q", "-o"]
    assert subprocess.run([*words, str(tmp_path / "plain")], check=False).returncode == 0
    verified = [*words[:-2], "-o", str(tmp_path / "out"), "--verify"]
    done = subprocess.run(verified, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "running the notebook (3" not in done.stderr
    assert 'inputs=["big"]' in (tmp_path / "plain" / "nb" / "pipeline.py").read_text(encoding="utf-8")
    assert 'inputs=["big"]' not in (tmp_path / "out" / "nb" / "pipeline.py").read_text(encoding="utf-8")


def test_what_was_printed_becomes_a_test(tmp_path: Path) -> None:
    (tmp_path / "nb").mkdir()
    (tmp_path / "nb" / "numbers.txt").write_text("1 2 3", encoding="utf-8")
    notebook = write_notebook(
        tmp_path / "nb",
        "import random\nimport time\nTIMES = 2\nnumbers = [int(x) for x in open('numbers.txt').read().split()]",
        "print(random.random())\nprint(time.time())\nprint(object())",
        "with open('numbers.txt', 'w') as file:\n    file.write('9')\nprint('sum', TIMES * sum(numbers))",
    )
    out, options = str(tmp_path / "out"), ["--modes", "in-process", "--floor", "0.5", "-q"]
    assert main(["convert", str(notebook), "-o", out, "--verify", *options]) == 0
    record = json.loads((tmp_path / "out/tests/recorded.json").read_text(encoding="utf-8"))
    assert [line is None for line in record["begin"]] == [False, True, False, False]
    assert record["begin"][3] == "sum 12"
    before = state_of(tmp_path / "nb")
    # Changed defaults are the user's to choose: the record keeps the values that it was made with.
    (tmp_path / "out/params.yaml").write_text("TIMES: 5\n", encoding="utf-8")
    assert run_tests(tmp_path / "out") == 0
    assert state_of(tmp_path / "nb") == before
    stage = next(path for path in (tmp_path / "out").glob("*/stages/*.py") if "'sum'" in path.read_text("utf-8")
                 or '"sum"' in path.read_text("utf-8"))  # fmt: skip
    stage.write_text(stage.read_text("utf-8").replace("sum(numbers)", "max(numbers)"), encoding="utf-8")
    assert run_tests(tmp_path / "out") == 1


def run_tests(project: Path) -> int:
    """The exit code of a generated project's own tests."""
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(words, cwd=project, capture_output=True, check=False).returncode


def test_convert_verify_leaves_nothing_when_it_cannot_run(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path, "import there_is_no_such_package")
    before = set(Path(tempfile.gettempdir()).iterdir())
    words = [
        sys.executable,
        "-m",
        "nb2pipe",
        "convert",
        str(notebook),
        "-o",
        str(tmp_path / "out"),
        "--verify",
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert not (tmp_path / "out").exists()
    left = [path for path in Path(tempfile.gettempdir()).iterdir() if path not in before]
    assert [path for path in left if (path / "converted").exists()] == []
