"""Audited notebooks as Markdown, short enough for a comment on a pull request."""

from collections.abc import Iterable

from nb2pipe.audit import Finding, Severity
from nb2pipe.graph import Order

from .audit_text import counts, ranges

SIGNS = {Severity.ERROR: "🔴", Severity.WARNING: "🟡", Severity.INFO: "🔵"}
MOST = 50


def as_markdown(path: str, order: Order | None, findings: tuple[Finding, ...], error: str | None) -> str:
    """One notebook: its counts, its order, and a table of its findings."""
    if error is not None or order is None:
        return f"### `{path}`\n\nCannot be read: {_cell(error or '')}\n"
    lines = [f"### `{path}`: {counts(findings)}", ""]
    if order.document == "fails":
        lines.append(f"**Does not run from top to bottom**: {_cell(order.reason)}.")
        if not order.is_document:
            lines.append(f"An order that runs: {ranges(order.cells)}.")
        lines.append("")
    if findings:
        lines += ["| | cell | rule | what | way out |", "|---|---|---|---|---|"]
        lines += [_row(one) for one in findings[:MOST]]
        if len(findings) > MOST:
            lines.append(f"\n... and {len(findings) - MOST} more")
    return "\n".join(lines) + "\n"


def _row(one: Finding) -> str:
    place = f"{one.spot.cell}:{one.spot.line}"
    return f"| {SIGNS[one.severity]} {one.severity} | {place} | {one.code} {one.name} | {_cell(one.told)} | {_cell(one.hint)} |"


def _cell(text: str) -> str:
    """A text that breaks neither the table nor the page."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def total(unreadable: int, severities: Iterable[tuple[str, int]], notebooks: int) -> str:
    """The line under several notebooks."""
    words = ", ".join(f"{number} {name}" for name, number in severities if number) or "clean"
    return f"\n{notebooks} notebooks: {words}" + (f"; {unreadable} unreadable" if unreadable else "") + "\n"
