"""Audited notebooks for the terminal: grouped by cell, with the source line of each finding."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from nb2pipe.audit import Finding, Severity
from nb2pipe.graph import Order
from nb2pipe.notebooks import Notebook

COLOURS = {Severity.ERROR: "31;1", Severity.WARNING: "33", Severity.INFO: "36"}
WIDTH = 100


def as_text(
    path: str,
    notebook: Notebook | None,
    order: Order | None,
    findings: tuple[Finding, ...],
    error: str | None,
    *,
    colours: bool = False,
) -> str:
    """One notebook's findings."""
    if notebook is None or order is None:
        return f"{_bold(path, colours)}  cannot be read: {error}"
    lines = [f"{_bold(path, colours)}  {counts(findings)}"]
    if order.document == "fails":
        lines.append(f"  order: fails from top to bottom, since {order.reason}")
        if not order.is_document:
            lines.append(f"         an order that runs: {ranges(order.cells)}")
    for number, group in groupby(findings, key=lambda one: one.spot.cell):
        cell = notebook.code_cells[number - 1]
        count = f" [{cell.execution_count}]" if cell.execution_count is not None else ""
        lines.append(f"  {_bold(f'cell {number}{count}', colours)}")
        for one in group:
            lines += _finding(one, cell.source.split("\n"), colours)
    return "\n".join(lines)


def _finding(one: Finding, source: list[str], colours: bool) -> Iterator[str]:
    severity = f"\x1b[{COLOURS[one.severity]}m{one.severity}\x1b[0m" if colours else str(one.severity)
    yield f"    {one.spot.line}:{one.spot.column} {severity} {one.code} {one.name}: {_printable(one.message)}"
    if one.spot.line <= len(source) and source[one.spot.line - 1].strip():
        yield f"        | {_printable(source[one.spot.line - 1].strip())[:WIDTH]}"
    if one.seen:
        yield f"        + seen in a run: {_printable(one.seen)}"
    if one.hint:
        yield f"        = {one.hint}"


def _printable(text: str) -> str:
    """The text without what would move the cursor or change colours of the terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _bold(text: str, colours: bool) -> str:
    return f"\x1b[1m{_printable(text)}\x1b[0m" if colours else _printable(text)


def counts(findings: Iterable[Finding]) -> str:
    """How many there are of each severity, in words."""
    found = Counter(one.severity for one in findings)
    parts = [
        f"{found[severity]} {severity}{'s' if found[severity] > 1 and severity != Severity.INFO else ''}"
        for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)
        if found[severity]
    ]
    return ", ".join(parts) or "clean"


def ranges(cells: Iterable[int]) -> str:
    """Numbers with runs drawn together: 1-3, 7, 4-6."""
    runs: list[list[int]] = []
    for number in cells:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def table(by_notebook: list[tuple[str, Counter[str], Counter[str]]], unreadable: int) -> str:
    """The summary of many notebooks: by rule, then by notebook. Counters: by rule, by severity."""
    by_rule: Counter[str] = Counter()
    holders: Counter[str] = Counter()
    for _, rules, _ in by_notebook:
        by_rule.update(rules)
        holders.update(rules.keys())
    lines = ["", f"{'rule':36} {'findings':>8} {'notebooks':>9}"]
    lines += [f"{name:36} {number:8} {holders[name]:9}" for name, number in by_rule.most_common()]
    lines += ["", f"{'notebook':60} {'errors':>6} {'warnings':>8} {'infos':>5}"]
    worst = sorted(
        by_notebook, key=lambda row: (-row[2]["error"], -row[2]["warning"], -row[2]["info"], row[0])
    )
    for path, _, severities in worst:
        if severities:
            lines.append(
                f"{path[-60:]:60} {severities['error']:6} {severities['warning']:8} {severities['info']:5}"
            )
    clean = sum(1 for _, _, severities in by_notebook if not severities)
    lines += ["", f"{len(by_notebook)} notebooks read, {clean} clean, {unreadable} unreadable"]
    return "\n".join(lines)
