"""An engine of another package, found by its entry point."""

from pathlib import Path

import pytest
from notebook_files import write_notebook

from nb2pipe.cli import main

TOY = '''
"""A toy engine: a shell script."""

from nb2pipe.engines import Engine

ENGINE = Engine(name="toy", title="Toy", purpose="runs stages by a shell script", shape="processes",
    distribution="", oldest="0", below="1", tried=("0.1",), run="sh toy.sh", files=())


def files(engine, pipeline):
    lines = [f"python -m {pipeline.package} stage {one.name} --store store" for one in pipeline.stages]
    return {"toy.sh": "\\n".join(["set -e", *lines, ""])}
'''


def install(folder: Path, text: str) -> None:
    """A package on the path that offers an engine."""
    (folder / "toy_engine.py").write_text(text)
    info = folder / "toy_engine-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-engine\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[nb2pipe.engines]\ntoy = toy_engine\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(__import__("sys").modules, "toy_engine", raising=False)
    return folder


def test_foreign_engine_is_listed_and_added(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(site, TOY)
    assert main(["engine", "list"]) == 0
    assert "runs stages by a shell script" in capsys.readouterr().out
    notebook, out = write_notebook(tmp_path, "x = 1", "print(x)"), tmp_path / "out"
    assert main(["convert", str(notebook), "-o", str(out), "-q", "--engine", "toy"]) == 0
    assert "stage" in (out / "toy.sh").read_text()
    assert main(["engine", "remove", "toy", "--project", str(out), "-q"]) == 0
    assert not (out / "toy.sh").exists()


def test_foreign_engine_that_is_broken_gets_one_sentence(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(site, "raise RuntimeError('no')")
    assert main(["engine", "list"]) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert "toy_engine" in line
    assert "RuntimeError: no" in line


PROVED = '''
"""An engine whose runs can be proved: it starts each stage and keeps what it prints."""

from nb2pipe.engines import Engine, adapter_files

ENGINE = Engine(name="toy", title="Toy", purpose="runs stages by a shell script", shape="processes",
    distribution="", oldest="0", below="1", tried=("0.1",), run="sh toy.sh", files=())


def files(engine, pipeline):
    lines = [f'python -m {pipeline.package}.engine {one.name} --run "$PIPELINE_RUN" SETTING'
             for one in pipeline.stages]
    return {**adapter_files(engine, pipeline), "toy.sh": "\\n".join(["set -e", *lines, ""])}
'''


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "code", "says"), [("", 0, "engine:toy"), ("--set SIZE=4", 1, "different")]
)
def test_proof_on_an_engine(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], setting: str, code: int, says: str
) -> None:
    install(site, PROVED.replace("SETTING", setting))
    cells = (
        "#md # One",
        "SIZE = 3",
        "#md ## Two",
        "rows = [1.5] * SIZE\nrows",
        "#md ## Three",
        "print(sum(rows))",
    )
    notebook, out = write_notebook(tmp_path, *cells), tmp_path / "out"
    assert main(["convert", str(notebook), "-o", str(out), "-q"]) == 0
    options = ["--modes", "in-process", "--repeat", "1", "--engine", "toy"]
    assert main(["verify", str(out), *options]) == code
    assert says in capsys.readouterr().out
    assert not (out / "toy.sh").exists()
