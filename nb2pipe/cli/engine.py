"""nb2pipe engine."""

import json
from pathlib import Path

import click

from nb2pipe.workflows import engines as workflow

_PROJECT = click.option(
    "--project",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="the converted project (default: here)",
)
_SHAPES = {
    "processes": "starts a process for each stage",
    "python": "is called from Python",
    "manifest": "reads a file elsewhere",
}


@click.group(
    "engine",
    epilog="Examples:  nb2pipe engine list   |   nb2pipe engine add dvc --project churn",
)
def command() -> None:
    """Adapters that run a converted pipeline on another engine."""


@command.command("add")
@click.argument("name")
@_PROJECT
@click.option(
    "--python", metavar="EXE", help="the interpreter that has the engine; it is asked for its version"
)
@click.option("-q", "--quiet", is_flag=True, help="print nothing but errors")
def add(name: str, project: Path, python: str | None, quiet: bool) -> int:
    """Write the adapter for the engine NAME into the project; edited files are left alone."""
    engine, command_line, written = workflow.add(project, name, python)
    if not quiet:
        click.echo(f"{engine.title}: {', '.join(written)}")
        if engine.install:
            click.echo(f"install: {engine.install}")
        click.echo(f"run:     {command_line}")
    return 0


@command.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_(form: str) -> int:
    """Say which engines there are, what each needs and what it is for."""
    known = workflow.known()
    if form == "json":
        keys = ("name", "title", "purpose", "shape", "install", "run", "tried", "limits")
        click.echo(
            json.dumps({"engines": [{key: getattr(one, key) for key in keys} for one in known]}, indent=1)
        )
        return 0
    for one in known:
        tried = (
            f"ran on {one.title} {', '.join(one.tried)}"
            if one.tried
            else "checked by its schema only, not run"
        )
        click.echo(f"{one.name:10} {one.purpose}\n{'':10} {_SHAPES[one.shape]}; {tried}")
        if one.install:
            click.echo(f"{'':10} {one.install}")
    return 0


@command.command("remove")
@click.argument("name")
@_PROJECT
@click.option("-q", "--quiet", is_flag=True, help="print nothing but errors")
def remove(name: str, project: Path, quiet: bool) -> int:
    """Take the adapter for the engine NAME away; edited files are kept and named."""
    done = workflow.remove(project, name)
    if not quiet:
        for path in done.removed:
            click.echo(f"removed {path}")
        for path in done.kept:
            click.echo(f"kept {path}: it was edited")
    return 0
