"""What all tests share: golden files that can be accepted, and how hard hypothesis tries."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Who starts the tests in the background makes them, and all that they start, deaf to Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Timing is no claim of any test: a slow machine must not fail one, and a run must be repeatable.
settings.register_profile("quick", max_examples=50, deadline=None, derandomize=True)
settings.register_profile(
    "thorough",
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("quick")

Golden = Callable[[Path, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--accept`."""
    parser.addoption("--accept", action="store_true", help="rewrite the golden files with what came out now")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """A check that a text equals a golden file; with `--accept` the file is written instead."""
    accept = bool(request.config.getoption("--accept"))

    def check(path: Path, text: str) -> None:
        if accept:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.is_file(), f"{path.name} is missing: look at the output, then run pytest --accept"
        assert text == path.read_text(encoding="utf-8")

    return check
