"""nb2pipe lsp."""

import importlib

import click

from nb2pipe.errors import EnvironmentFault


@click.command("lsp", epilog="Examples:  nb2pipe lsp   |   nb2pipe audit churn.ipynb --watch")
def command() -> int:
    """Serve the audit's findings to an editor, which starts this and talks to it on stdin and stdout."""
    try:
        server = importlib.import_module("nb2pipe.lsp")  # beside this room, and only with its extra
    except ImportError:
        raise EnvironmentFault("lsp needs pygls; install it with: pip install 'nb2pipe[lsp]'") from None
    server.serve()
    return 0
