"""nb2pipe audit --watch: audit again whenever a notebook changes."""

import time
from collections.abc import Mapping
from pathlib import Path

import click

from nb2pipe.reports.audit_formats import Format
from nb2pipe.workflows import audit as workflow

PAUSE = 0.5  # seconds between two looks at the files


def watch(
    paths: tuple[Path, ...], wish: workflow.AuditWish, report: Format, rounds: int | None = None
) -> int:
    """Report what changed since the last look, until interrupted (or for so many rounds)."""
    seen: dict[Path, tuple[int, int]] = {}
    done = 0
    while rounds is None or done < rounds:
        for path, stamp in stamps(paths).items():
            if seen.get(path) != stamp:
                seen[path] = stamp
                click.echo(report.part(workflow.audit_file(path, wish)))
        done += 1
        if rounds is None or done < rounds:
            time.sleep(PAUSE)
    return 0


def stamps(paths: tuple[Path, ...]) -> Mapping[Path, tuple[int, int]]:
    """The files with the time and size by which a change shows."""
    found = {}
    for path in workflow.notebooks_in(paths):
        try:
            state = path.stat()
        except OSError:
            continue
        found[path] = (state.st_mtime_ns, state.st_size)
    return found
