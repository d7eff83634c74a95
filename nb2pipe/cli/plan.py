"""nb2pipe plan."""

from pathlib import Path

import click

from nb2pipe import planning
from nb2pipe.planning import OrderName
from nb2pipe.planning.plan_file import as_toml
from nb2pipe.reports.conversion import as_json, as_text
from nb2pipe.workflows.convert import read_facts

from .order_option import order_option


@click.command(
    "plan", epilog="Examples:  nb2pipe plan churn.ipynb   |   nb2pipe plan churn.ipynb -o plan.toml"
)
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="write the plan here")
@click.option(
    "--format", "form", type=click.Choice(["toml", "text", "json"]), default="toml", show_default=True
)
@order_option
def command(notebook: Path, output: Path | None, form: str, order: OrderName) -> None:
    """Print the proposed stages of NOTEBOOK; edit the TOML and give it to `convert --plan`."""
    proposed = planning.plan(read_facts(notebook, order))
    if form == "toml":
        text = as_toml(proposed)
    else:
        text = as_json(proposed, notebook) if form == "json" else as_text(proposed, notebook)
    if output is None:
        click.echo(text)
    else:
        output.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
