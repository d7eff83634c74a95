"""Findings as annotations of GitHub Actions: workflow commands that a runner reads from stdout."""

from collections.abc import Iterable

from nb2pipe.audit import Finding, Severity

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def as_github(path: str, findings: Iterable[Finding], error: str | None) -> str:
    """A line for each finding."""
    if error is not None:
        return f"::error file={_property(path)}::{_data(error)}"
    return "\n".join(
        f"::{LEVELS[one.severity]} file={_property(path)},title={_property(f'{one.code} {one.name}')}"
        f"::cell {one.spot.cell}, line {one.spot.line}: {_data(one.told)}. {_data(one.hint)}"
        for one in findings
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
