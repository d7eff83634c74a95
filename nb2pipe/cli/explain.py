"""nb2pipe explain."""

import click

from nb2pipe.audit import entries, find
from nb2pipe.errors import InputError
from nb2pipe.reports.rule_page import as_text


@click.command(
    "explain",
    epilog="Examples:  nb2pipe explain NB101   |   nb2pipe explain unseeded-random   |   nb2pipe explain --list",
)
@click.argument("rule", required=False, metavar="CODE|NAME")
@click.option("--list", "listed", is_flag=True, help="all rules, a line each")
def command(rule: str | None, listed: bool) -> int:
    """Say what a rule finds, why it matters, a bad and a good example, and the way out."""
    if listed or rule is None:
        for one in entries():
            click.echo(f"{one.rule.code}  {one.rule.severity:8} {one.rule.name}")
        return 0
    entry = find(rule)
    if entry is None:
        raise InputError(f"{rule} is no rule; `nb2pipe explain --list` names them all")
    click.echo(as_text(entry))
    return 0
