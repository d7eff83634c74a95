"""The options of commands that run notebooks when they are asked to."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def run_options(what: str, whose: str) -> Callable[[_Command], _Command]:
    """Give a command --run, which does `what`, and how it runs: --python with the packages of `whose`, --timeout."""
    options = (
        click.option("--run", is_flag=True, help=what),
        click.option(
            "--python", metavar="EXE", help=f"for --run: the interpreter that has the {whose} packages"
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(0, min_open=True),
            default=600.0,
            show_default=True,
            help="for --run: seconds for a cell",
        ),
    )

    def given(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return given
