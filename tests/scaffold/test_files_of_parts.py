"""What the parts write for other programs is what those programs read: workflows, images, compose files, bills."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from nb2pipe.cli import main
from nb2pipe.scaffold import listed_parts

CHURN = Path(__file__).parents[2] / "sample_notebooks" / "churn" / "churn.ipynb"
BIN = Path(sys.executable).parent
SCHEMAS = {
    ".github/workflows/*.yml": "vendor.github-workflows",
    ".github/dependabot.yml": "vendor.dependabot",
    "compose.yaml": "vendor.compose-spec",
}


@pytest.fixture(scope="module", params=["environment", "delivery", "environment,delivery", "all"])
def repository(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("parts") / "repository"
    names = ",".join(listed_parts()) if request.param == "all" else request.param
    assert main(["scaffold", str(CHURN), "-o", str(target), "--with", names, "--static", "-q"]) == 0
    return target


def said_of(*words: str) -> str:
    """What a checker says of files; "" where it finds nothing."""
    done = subprocess.run([str(BIN / words[0]), *words[1:]], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(("pattern", "schema"), SCHEMAS.items())
def test_file_has_the_form_that_its_reader_wants(repository: Path, pattern: str, schema: str) -> None:
    files = [str(path) for path in sorted(repository.glob(pattern))]
    assert not files or said_of("check-jsonschema", "--builtin-schema", schema, *files) == ""


def test_dockerfile_keeps_the_rules(repository: Path) -> None:
    files = [str(path) for path in repository.glob("Dockerfile")]
    assert not files or said_of("hadolint", "--no-color", "--failure-threshold", "style", *files) == ""


@pytest.mark.slow
def test_types_are_right(repository: Path) -> None:
    """As its `make types` finds them, which `make check` makes."""
    if "[tool.mypy]" in (repository / "pyproject.toml").read_text():
        words = [sys.executable, "-m", "mypy", "--cache-dir", os.devnull]
        done = subprocess.run(words, cwd=repository, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_bill_of_materials_has_the_form_of_cyclonedx(repository: Path, tmp_path: Path) -> None:
    script, bill = repository / "tools/sbom.py", tmp_path / "bill.json"
    if script.exists():
        subprocess.run([sys.executable, str(script), str(bill)], check=True)
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill.read_text()) is None
