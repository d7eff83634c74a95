"""Which distributions a run used that nobody named, told from metadata alone."""

import sys
import venv
from pathlib import Path

import pytest

from nb2pipe.execution.pins import lazily_loaded, pins_of


@pytest.mark.parametrize(
    ("loaded", "listed", "found"),
    [
        ({"pandas", "numpy"}, {"pandas"}, set()),  # required by it
        ({"pandas", "jinja2"}, {"pandas"}, {"Jinja2"}),  # only an extra of it
        ({"json", "os", "not_installed_at_all"}, {"pandas"}, set()),
        ({"yaml"}, {"pyyaml"}, set()),
    ],
)
def test_lazily_loaded(loaded: set[str], listed: set[str], found: set[str]) -> None:
    lines = lazily_loaded(sys.executable, loaded, listed)
    assert {line.partition("==")[0] for line in lines} == found
    assert all(line.partition("==")[2] for line in lines)


def test_distribution_without_a_name_hides_no_other(tmp_path: Path) -> None:
    """As pip leaves it behind when it is stopped."""
    venv.create(tmp_path, symlinks=True)
    (packages,) = tmp_path.glob("lib/*/site-packages")
    for name in ("good", "broken"):
        (packages / f"{name}-1.0.dist-info").mkdir()
        (packages / f"{name}-1.0.dist-info" / "top_level.txt").write_text(name)
    (packages / "good-1.0.dist-info" / "METADATA").write_text("Name: good\nVersion: 1.0\n")
    assert lazily_loaded(str(tmp_path / "bin/python"), {"good", "broken"}, ()) == ("good==1.0",)


def test_modules_are_mapped_to_their_distributions() -> None:
    pins = pins_of(sys.executable)
    assert pins["yaml"][0] == "PyYAML"
    assert pins["sklearn"][0] == "scikit-learn"
