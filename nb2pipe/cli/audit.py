"""nb2pipe audit."""

from pathlib import Path

import click

from nb2pipe.reports import audit_json, audit_text
from nb2pipe.workflows import audit as workflow


@click.command("audit")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(paths: tuple[Path, ...], form: str) -> int:
    """Say what in the notebooks works only by luck, where and why. The code is never run."""
    audited = [workflow.audit_file(path) for path in workflow.notebooks_in(paths)]
    if form == "json":
        parts = [
            audit_json.body(audit_json.record(one.path, one.notebook, one.graph, one.findings, one.error))
            for one in audited
        ]
        click.echo(audit_json.head() + ",\n".join(parts) + audit_json.tail(), nl=False)
    else:
        for one in audited:
            order = one.graph.order if one.graph is not None else None
            click.echo(audit_text.as_text(one.path, one.notebook, order, one.findings, one.error))
    if all(one.error for one in audited):
        return 2
    return 1 if any(found.severity == "error" for one in audited for found in one.findings) else 0
