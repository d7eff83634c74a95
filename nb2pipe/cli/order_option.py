"""The option that says in which order the cells run."""

import click

order_option = click.option(
    "--order",
    type=click.Choice(["auto", "document", "executed", "dependency"]),
    default="auto",
    show_default=True,
    help="of the cells; auto: the file's, unless it cannot run and another can",
)
