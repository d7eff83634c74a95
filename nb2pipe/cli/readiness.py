"""nb2pipe readiness."""

from pathlib import Path

import click

from nb2pipe.scaffold.card_text import as_json, as_text
from nb2pipe.workflows.readiness import readiness_of


@click.command(
    "readiness",
    epilog="Examples:  nb2pipe readiness churn-service   |   nb2pipe readiness . --format json",
)
@click.argument("project", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(project: Path, form: str) -> int:
    """Print the production-readiness card of the repository in DIR. Exit 1 while one of its six lines is missing."""
    card = readiness_of(project)
    click.echo(as_json(card) if form == "json" else as_text(card))
    return 0 if card.is_ready else 1
