"""Questions about a new repository: asked only where somebody sits at a terminal."""

import sys
from dataclasses import replace

import click

from nb2pipe.scaffold import Answers, all_parts, listed_parts


def asked(answers: Answers) -> Answers:
    """The answers with what the user says; as they are without a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return answers
    known = all_parts()
    chosen = tuple(
        name
        for name in listed_parts()
        if click.confirm(f"{name}: {known[name].promise}?", default=False, err=True)
    )
    owner = click.prompt("Who owns it", default=answers.owner, err=True)
    backup = click.prompt("Who stands in", default=answers.backup, err=True)
    return replace(answers, parts=chosen, owner=owner, backup=backup)
