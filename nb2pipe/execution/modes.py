"""The ways in which a pipeline can run."""

from collections.abc import Mapping

MODES = ("in-process", "isolated", "cache", "jobs")  # what a proof can ask for
WAYS: Mapping[str, tuple[str, ...]] = {
    "in-process": (),
    "isolated": ("--isolated",),
    "jobs": ("--jobs", "2"),
    "cold": ("--isolated", "--cache"),
    "cache": ("--isolated", "--cache"),
}
