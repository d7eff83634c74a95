"""Which distributions a run used that nobody named, told from metadata alone."""

import sys

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


def test_modules_are_mapped_to_their_distributions() -> None:
    pins = pins_of(sys.executable)
    assert pins["yaml"][0] == "PyYAML"
    assert pins["sklearn"][0] == "scikit-learn"
