"""nb2pipe plan."""

from collections.abc import Mapping
from pathlib import Path

import click

from nb2pipe import analysis, planning
from nb2pipe.planning import OrderName, Wish
from nb2pipe.planning.plan_file import as_toml
from nb2pipe.reports.conversion import as_json, as_text
from nb2pipe.workflows.convert import read_facts

from .order_option import order_option
from .run_options import run_options


@click.command(
    "plan", epilog="Examples:  nb2pipe plan churn.ipynb   |   nb2pipe plan churn.ipynb -o plan.toml"
)
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="write the plan here")
@click.option(
    "--format", "form", type=click.Choice(["toml", "text", "json"]), default="toml", show_default=True
)
@order_option
@run_options("run the notebook once in a scratch copy: large variables stay in a stage", "notebook's")
def command(
    notebook: Path,
    output: Path | None,
    form: str,
    order: OrderName,
    run: bool,
    python: str | None,
    timeout: float,
) -> None:
    """Print the proposed stages of NOTEBOOK; edit the TOML and give it to `convert --plan`."""
    facts = read_facts(notebook, order)
    sizes = _sizes(notebook, facts, python, timeout) if run else {}
    proposed = planning.plan(facts, Wish(sizes=sizes))
    if form == "toml":
        text = as_toml(proposed, sizes)
    else:
        text = as_json(proposed, notebook) if form == "json" else as_text(proposed, notebook)
    if output is None:
        click.echo(text)
    else:
        output.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")


def _sizes(
    notebook: Path, facts: analysis.Facts, python: str | None, timeout: float
) -> Mapping[int, Mapping[str, int]]:
    from nb2pipe.workflows.audit_run import stopped
    from nb2pipe.workflows.observing import ObservingWish, observe

    click.echo("the notebook runs once, in a scratch copy", err=True)
    seen = observe(notebook, [cell.lifted for cell in facts.cells], ObservingWish(python, timeout, runs=1))
    if seen.failure is not None:
        click.echo(f"{notebook}: {stopped(seen)}; nothing is known of what follows", err=True)
    return seen.sizes
