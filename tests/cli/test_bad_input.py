"""Whatever is handed in: one sentence, the right exit code, and nothing half-written."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from nb2pipe.cli import main


def code(source: str, **more: object) -> dict[str, object]:
    """A code cell."""
    body: dict[str, object] = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": []}
    return {**body, "execution_count": None, "source": source, **more}


def notebook(*cells: dict[str, object], **more: object) -> str:
    """The JSON of a notebook."""
    numbered = [{**cell, "id": f"c{number}"} for number, cell in enumerate(cells)]
    return json.dumps({"cells": numbered, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more})


R_KERNEL = {"kernelspec": {"language": "R", "name": "ir", "display_name": "R"}}
BAD = "x = ("
# name: (what the file holds, options, exit code, words of the sentence)
FILES: dict[str, tuple[str | bytes, Sequence[str], int, str]] = {
    "no JSON": ("{", (), 2, "no valid JSON at line 1"),
    "JSON but no notebook": ('{"a": 1}', (), 2, "JSON but no notebook"),
    "a list": ("[]", (), 2, "JSON but no notebook"),
    "empty": ("", (), 2, "is empty"),
    "null bytes": (b"\0\1\2", (), 2, "null bytes"),
    "Latin-1": (notebook(code("x = 'e'")).replace("'e'", "'é'").encode("latin-1"), (), 2, "UTF-8"),
    "lone surrogate": (notebook(code("x = '\ud800'")), (), 2, "surrogate"),
    "nbformat 2": ('{"nbformat": 2, "worksheets": []}', (), 2, "nbformat 2, which is too old"),
    "nbformat 9": ('{"nbformat": 9, "cells": []}', (), 2, "nbformat 9, which is not known"),
    "R": (notebook(code("x <- 1"), metadata=R_KERNEL), (), 2, "a notebook in R"),
    "no code cells": (notebook(), (), 3, "no code cells"),
    "only empty cells": (notebook(code(""), code("  \n")), (), 3, "no code cells"),
    "does not parse": (notebook(code("x = 1"), code(f"y = 2\n{BAD}")), (), 3, "cell 2, line 2 is not Python"),
    "null byte in a cell": (notebook(code("x = '\0'")), (), 3, "cell 1, line 1"),
    "Python 2": (notebook(code("print 1")), (), 3, "Python 2"),
    "nested parentheses": (notebook(code(f"x = {'(' * 5000}1{')' * 5000}")), (), 3, "cell 1, line 1"),
    "sum of many": (notebook(code("x = 1" + " + 1" * 9000)), (), 3, "nested too deeply"),
    "chain of lambdas": (notebook(code(f"x = {'lambda: ' * 900}1")), (), 3, "nested too deeply"),
    "many alternatives": (notebook(code("x = " + "1 if 1 else " * 1400 + "2")), (), 3, "nested too deeply"),
    "no such stage": (notebook(code("x = 1")), ("--skip-cells", "one"), 2, "--skip-cells"),
    "package is no name": (notebook(code("x = 1")), ("--package", "a-b"), 2, "--package"),
    "package goes elsewhere": (notebook(code("x = 1")), ("--package", "../b"), 2, "--package"),
    "plan is missing": (notebook(code("x = 1")), ("--plan", "nowhere.toml"), 2, "nowhere.toml"),
    "no such interpreter": (notebook(code("x = 1")), ("--python", "/nowhere/python"), 4, "/nowhere/python"),
}


@pytest.mark.parametrize("name", FILES)
def test_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    content, options, exit_code, words = FILES[name]
    path = tmp_path / "bad.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    assert main(["convert", str(path), "-o", str(tmp_path / "out"), *options]) == exit_code
    printed = capsys.readouterr()
    sentences = [line for line in printed.err.strip().splitlines() if not line.startswith(("Usage", "Try"))]
    assert printed.out == ""
    assert len([line for line in sentences if line]) == 1, printed.err
    assert words in printed.err
    assert [one.name for one in tmp_path.iterdir()] == ["bad.ipynb"]


# name: (cells, options): odd, but a pipeline comes of it
ODD: dict[str, tuple[list[dict[str, object]], Sequence[str]]] = {
    "tagged skip-execution": ([code(BAD, metadata={"tags": ["skip-execution"]}), code("print(1)")], ()),
    "tagged raises-exception": ([code(BAD, metadata={"tags": ["raises-exception"]}), code("print(1)")], ()),
    "left out": ([code(BAD), code("print(1)")], ("--skip-cells", "1")),
    "CRLF": ([code('x = """a\r\nb"""\r\nprint(x)\r\n')], ()),
    "form feed": ([code("x = 1\n\x0cy = 2\n"), code("print(x + y)")], ()),
    "odd line ends in strings": ([code('x = "a\u2028b\x85c"'), code("print(len(x))")], ()),
    "non-ASCII names": ([code("ℌ = größe = 1"), code("print(ℌ, größe)")], ()),
    "deep but legal": ([code(f"x = {'[' * 90}{']' * 90}"), code("print(x)")], ()),
    "many lines": ([code("\n".join(f"x{n} = {n}" for n in range(3000))), code("print(x7)")], ()),
    "raw markup": ([code("%%html\n</script><script>{{ x }}{% if %}</script>"), code("print(1)")], ()),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_cells_become_a_pipeline(tmp_path: Path, name: str) -> None:
    cells, options = ODD[name]
    path = tmp_path / "odd.ipynb"
    path.write_text(notebook(*cells), encoding="utf-8")
    assert main(["convert", str(path), "-o", str(tmp_path / "out"), "-q", *options]) == 0
    for file in (tmp_path / "out").rglob("*.py"):
        compile(file.read_text(encoding="utf-8"), str(file), "exec")


HEADINGS = (
    "import None os print json class stages pipeline runner main test kernel functions __init__ 1st ../../x"
)


@pytest.mark.parametrize("heading", [*HEADINGS.split(), "a" * 300, "日本語", "{{ x }}", '"""', "a\\"])
def test_heading_becomes_a_stage_of_another_name(tmp_path: Path, heading: str) -> None:
    cells = [code("import os\nx = 1")]
    for number in range(4):
        cells.append({"cell_type": "markdown", "id": "m", "metadata": {}, "source": f"## {heading}"})
        cells += [code(f"y{number} = x + {part}\nprint(y{number}, os.sep)") for part in range(3)]
    path = tmp_path / "nb.ipynb"
    path.write_text(notebook(*cells), encoding="utf-8")
    target = tmp_path / "out"
    assert main(["convert", str(path), "-o", str(target), "-q"]) == 0
    words = [sys.executable, "-m", "nb", "run"]
    env = {**os.environ, "PYTHONPATH": str(target)}
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("\n")) == (0, 12), done.stderr


def test_outputs_of_many_megabytes(tmp_path: Path) -> None:
    outputs = [{"output_type": "stream", "name": "stdout", "text": ["x" * 99 + "\n"] * 10_000}]
    path = tmp_path / "big.ipynb"
    path.write_text(notebook(*(code(f"x{n} = {n}", outputs=outputs) for n in range(50))), encoding="utf-8")
    assert path.stat().st_size > 50_000_000
    code_of = "import sys, json; from nb2pipe.cli import main; reads = []; loads = json.loads\n"
    code_of += "json.loads = lambda text, **more: reads.append(len(text)) or loads(text, **more)\n"
    code_of += f"code = main(['convert', {str(path)!r}, '-o', {str(tmp_path / 'out')!r}, '-q'])\n"
    code_of += "print(code, sum(size > 1_000_000 for size in reads), 'nbformat' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code_of], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["0", "1", "False"], done.stderr


def test_output_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "nb.ipynb"
    path.write_text(notebook(code("x = 1")), encoding="utf-8")
    (tmp_path / "file").write_text("")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    for target, exit_code in {".": 2, "file": 2, "file/below": 4, "full": 2}.items():
        assert main(["convert", str(path), "-o", str(tmp_path / target)]) == exit_code
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "full", "nb.ipynb"]


def limited(words: list[str], size: int) -> subprocess.CompletedProcess[str]:
    """The command where no file may be larger than that, as on a disk that is nearly full."""
    return subprocess.run(
        [sys.executable, "-m", "nb2pipe", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


@pytest.mark.parametrize("size", [0, 100, 5_000])
def test_full_disk(tmp_path: Path, size: int) -> None:
    path = tmp_path / "nb.ipynb"
    path.write_text(notebook(code("x = 1"), code("print(x)")), encoding="utf-8")
    done = limited(["convert", str(path), "-o", str(tmp_path / "a" / "out")], size)
    assert done.returncode == 4, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["nb.ipynb"]
    assert limited(["plan", str(path), "-o", str(tmp_path / "plan.toml")], 10).returncode == 4


def test_interrupt(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    cells = [code(f"x{n} = {n}") for n in range(300)]
    for number in range(40):
        (source / f"nb{number:02}.ipynb").write_text(notebook(*cells), encoding="utf-8")
    words = [sys.executable, "-m", "nb2pipe", "convert", str(source), "-o", str(target), "-j", "2"]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not list(target.glob("*/nb2pipe.lock")):
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert all((one / "nb2pipe.lock").is_file() for one in target.iterdir()), list(target.iterdir())
