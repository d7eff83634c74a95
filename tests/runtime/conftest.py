"""Projects that tests run: by name, or from the code of their stages."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from runtime_projects import PROJECTS, MakeProject, Project, with_runtime


@pytest.fixture
def example(tmp_path: Path) -> Callable[[str], Project]:
    """A project of tests/cases/runtime, ready to run."""

    def make(name: str) -> Project:
        folder = tmp_path / "project"
        shutil.copytree(PROJECTS / name, folder)
        return with_runtime(folder, name)

    return make


@pytest.fixture
def scripts(tmp_path: Path) -> MakeProject:
    """A project whose stages are scripts: each text is one, and all names may cross each border."""

    def make(
        *cells: str,
        names: Sequence[str] = (),
        functions: str = "",
        definitions: Sequence[str] = (),
        more: Mapping[str, object] | None = None,
    ) -> Project:
        package = tmp_path / "project" / "demo"
        (package / "stages").mkdir(parents=True)
        stages = []
        for number, cell in enumerate(cells, 1):
            (package / "stages" / f"cell_{number}.py").write_text(f"{cell}\n")
            fields = {"kind": "script", "cells": [number], "inputs": list(names), "outputs": list(names)}
            stages.append(f"Stage('cell_{number}', **{fields | dict(more or {})!r})")
        if functions:
            (package / "functions.py").write_text(f'__name__ = "__main__"\n\n\n{functions}\n')
        (package / "pipeline.py").write_text(
            "from demo.runner import Pipeline, Stage\n"
            f"PIPELINE = Pipeline(package='demo', definitions={list(definitions)!r}, stages=[{', '.join(stages)}])\n"
            "def run(**parameters):\n    return PIPELINE.run(parameters)\n"
        )
        return with_runtime(package.parent, "demo")

    return make
