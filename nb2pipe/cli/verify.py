"""nb2pipe verify."""

from pathlib import Path
from typing import Any

import click

from .proof_options import on_engines, proof_options, wish_of


@click.command(
    "verify",
    epilog="Examples:  nb2pipe verify churn   |   nb2pipe verify churn --python .venv/bin/python --format json",
)
@click.argument("project", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--notebook", type=click.Path(path_type=Path), metavar="NB", help="the notebook, where it has moved"
)
@click.option(
    "--python", metavar="EXE", help="the interpreter that has the notebook's packages and ipykernel"
)
@proof_options
@click.option(
    "--engine",
    "engines",
    multiple=True,
    metavar="NAME",
    help="prove on this engine, too; it is in --python's environment",
)
@click.option("--clean-env", is_flag=True, help="prove in a new environment made from requirements.txt")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="write the report here")
@click.option("-q", "--quiet", is_flag=True, help="no progress on stderr")
def command(
    project: Path,
    notebook: Path | None,
    python: str | None,
    clean_env: bool,
    engines: tuple[str, ...],
    form: str,
    output: Path | None,
    quiet: bool,
    **told: Any,
) -> int:
    """Run the notebook and the pipeline in DIR, compare, and say the verdict. Exit 1 unless it is equal."""
    from nb2pipe.reports.proof import as_reports, in_form
    from nb2pipe.workflows.verify import keep_reports, verify, verify_clean

    wish = on_engines(wish_of(python, quiet, **told), engines)
    prove = verify_clean if clean_env else verify
    verdict = prove(project, notebook, wish)
    keep_reports(project, as_reports(verdict, project.resolve().name))
    text = in_form(verdict, form, project.resolve().name)
    if output is None:
        click.echo(text)
    else:
        output.write_text(f"{text}\n", encoding="utf-8")
    return 0 if verdict.is_equal else 1
