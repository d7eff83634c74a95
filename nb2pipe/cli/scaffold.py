"""nb2pipe scaffold."""

import sys
from pathlib import Path

import click

from nb2pipe import scaffold as room
from nb2pipe.planning import OrderName, Wish
from nb2pipe.scaffold import Answers
from nb2pipe.workflows import convert as conversion
from nb2pipe.workflows import scaffold as workflow

from .order_option import order_option


@click.command(
    "scaffold",
    epilog="Examples:  nb2pipe scaffold churn.ipynb -o churn-service   |   nb2pipe scaffold churn.ipynb -o churn-service --with serving,docs",
)
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="DIR", help="the new folder"
)
@click.option("--with", "names", default="", metavar="PART,PART", help="parts to add; see --list")
@click.option("--all", "all_parts", is_flag=True, help="add all parts")
@click.option("--owner", metavar="@TEAM", help="who owns it, for CODEOWNERS and the runbooks")
@click.option("--backup", metavar="@TEAM", help="who stands in for the owner")
@click.option(
    "--python", metavar="EXE", help="pin requirements to what this interpreter has (default: nb2pipe's own)"
)
@click.option("--package", metavar="NAME", help="name of the package (default: after the notebook)")
@order_option
@click.option("-q", "--quiet", is_flag=True, help="print nothing but errors")
def command(
    notebook: Path,
    output: Path,
    names: str,
    all_parts: bool,
    owner: str | None,
    backup: str | None,
    python: str | None,
    package: str | None,
    order: OrderName,
    quiet: bool,
) -> int:
    """Write a whole repository around the pipeline of NOTEBOOK to DIR."""
    workflow.check(output, notebook)
    chosen = room.listed_parts() if all_parts else tuple(one for one in names.replace(",", " ").split())
    answers = Answers(parts=chosen, owner=owner or room.PLACEHOLDER, backup=backup or room.PLACEHOLDER)
    python = python or sys.executable
    converted = conversion.convert(notebook, output, Wish(package=package, order=order), python)
    repository = workflow.scaffolded(notebook, output, converted, answers, python)
    workflow.write(repository, output)
    if not quiet:
        click.echo(f"{notebook.name} -> {output}/   {len(converted.plan.stages)} stages")
        for line in repository.ground.unpinned:
            click.echo(f"  {line} is not pinned: {python} does not have it")
        for path in repository.ground.too_big:
            click.echo(f"  {path} is too big for a repository: put it into {output}/notebook")
        click.echo(f"next: cd {output} && make setup run test check")
    return 0
