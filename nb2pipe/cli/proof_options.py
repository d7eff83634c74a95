"""The options of a proof, for every command that makes one."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from nb2pipe.execution.modes import MODES

if TYPE_CHECKING:
    from nb2pipe.workflows.proving import ProofWish

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--modes",
        default=",".join(MODES[:3]),
        show_default=True,
        metavar="M,M",
        help=f"of {', '.join(MODES)}",
    ),
    click.option("--repeat", type=click.IntRange(1), default=2, show_default=True, help="runs of the notebook"),
    click.option(
        "--floor",
        type=click.FloatRange(0, 1),
        default=0.9,
        show_default=True,
        help="the least coverage of an equal",
    ),
    click.option(
        "--timeout", type=click.FloatRange(0, min_open=True), default=600.0, show_default=True, help="seconds for a cell"
    ),
    click.option(
        "--seed", default=0, show_default=True, help="seed of random, numpy and torch on both sides"
    ),
    click.option("--no-seed", is_flag=True, help="leave the random streams alone"),
    click.option("--freeze-time", metavar="ISO", help="the moment at which both sides run"),
    click.option("--rows", type=click.FloatRange(0, 1, min_open=True), metavar="SHARE",
                 help="prove on a seeded sample of every table, too"),
    click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="prove with this parameter, too"),
    click.option("--root", type=click.Path(path_type=Path), metavar="DIR", help="what is copied to run in"),
    click.option("--copy-all", is_flag=True, help="copy a folder of more than 2 GB"),
)  # fmt: skip


def proof_options(command: _Command) -> _Command:
    """Give a command these options; it takes them as keywords for `wish_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def wish_of(python: str | None, quiet: bool, **told: Any) -> "ProofWish":
    """The wish that these options state."""
    from nb2pipe.execution import Controls
    from nb2pipe.workflows import proving  # loads what only a proof needs

    return proving.ProofWish(
        python=python,
        modes=_modes(told["modes"]),
        repeats=told["repeat"],
        floor=told["floor"],
        timeout=told["timeout"],
        controls=Controls(None if told["no_seed"] else told["seed"], freeze=_moment(told["freeze_time"])),
        rows=told["rows"],
        settings=tuple(told["settings"]),
        root=told["root"],
        copy_all=told["copy_all"],
        say=len if quiet else _say,
    )


def on_engines(wish: "ProofWish", names: Sequence[str]) -> "ProofWish":
    """The same wish, with a run on each of these engines."""
    if not names:
        return wish
    from nb2pipe.workflows.engines import ENGINE, check_known

    check_known(names, wish.python)
    return replace(wish, modes=(*wish.modes, *(f"{ENGINE}{name}" for name in names)))


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)


def _modes(text: str) -> tuple[str, ...]:
    chosen = tuple(part.strip() for part in text.split(",") if part.strip())
    for mode in chosen:
        if mode not in MODES:
            raise click.BadParameter(f"{mode!r} is none of {', '.join(MODES)}", param_hint="--modes")
    if not chosen:
        raise click.BadParameter(f"name at least one of {', '.join(MODES)}", param_hint="--modes")
    return tuple(dict.fromkeys(chosen))


def _moment(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return dt.datetime.fromisoformat(text).isoformat()
    except ValueError:
        hint = "write it as 2024-05-17T12:00:00"
        raise click.BadParameter(f"{text!r} is no moment; {hint}", param_hint="--freeze-time") from None
