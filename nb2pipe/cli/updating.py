"""nb2pipe scaffold --update."""

from collections.abc import Callable
from pathlib import Path

import click

from nb2pipe.scaffold import Answers
from nb2pipe.workflows.update import Update, answers_in, as_diff, update_of, write


def updated(
    folder: Path, choose: Callable[[Answers], Answers], *, check: bool, diff: bool, quiet: bool
) -> int:
    """Update a repository, or say what an update would do; the exit code."""
    found = update_of(folder, choose(answers_in(folder)))
    if diff:
        click.echo("".join(as_diff(found)), nl=False)
    elif not check:
        write(found)
    if not (quiet or diff):
        _tell(found, check)
    return int(found.is_needed if check else bool(found.conflicts))


def _tell(found: Update, check: bool) -> None:
    for change in found.changes:
        why = f": {change.why}" if change.why else ""
        click.echo(f"{change.what:8}  {change.path}{why}")
    if not found.is_needed:
        click.echo(f"{found.folder} is up to date")
    elif check:
        click.echo(f"next: nb2pipe scaffold --update {found.folder}")
    elif found.conflicts:
        click.echo("next: choose where lines are marked, then make setup test check")
    else:
        click.echo("next: make setup test check")
