"""nb2pipe convert."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nb2pipe.planning import OrderName, Wish
from nb2pipe.reports.conversion import as_json, as_text
from nb2pipe.workflows import convert as workflow

from .order_option import order_option
from .proof_options import on_engines, proof_options, wish_of

if TYPE_CHECKING:
    from nb2pipe.workflows.proving import ProofWish


@click.command(
    "convert",
    epilog="Examples:  nb2pipe convert churn.ipynb -o churn   |   nb2pipe convert notebooks/ -o pipelines -j 2",
)
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="the project's folder",
)
@click.option("--python", metavar="EXE", help="pin requirements to what this interpreter has")
@click.option("--package", metavar="NAME", help="name of the package (default: after the notebook)")
@click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path), metavar="FILE", help="an edited plan.toml"
)
@click.option("--no-parameters", is_flag=True, help="leave all literals where they are")
@click.option("--skip-cells", default="", metavar="N,N", help="leave out these code cells (numbers from 1)")
@order_option
@click.option("--force", is_flag=True, help="replace a converted project that was not edited")
@click.option(
    "-j", "--jobs", default=1, show_default=True, metavar="N", help="for a folder: notebooks side by side"
)
@click.option(
    "--verify", is_flag=True, help="run notebook and pipeline, take coarser stages until they are equal"
)
@proof_options
@click.option(
    "--engine", "engines", multiple=True, metavar="NAME", help="add the adapter for this engine, too"
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="print nothing but errors")
def command(
    notebook: Path,
    output: Path,
    python: str | None,
    package: str | None,
    plan_file: Path | None,
    no_parameters: bool,
    skip_cells: str,
    order: OrderName,
    force: bool,
    jobs: int,
    form: str,
    quiet: bool,
    verify: bool,
    engines: tuple[str, ...],
    **proof: Any,
) -> int:
    """Write the pipeline project of NOTEBOOK to DIR. The notebook's code is never run, but for --verify."""
    wish = Wish(
        package=_identifier(package),
        parameters=not no_parameters,
        skip_cells=_numbers(skip_cells),
        order=order,
    )
    if notebook.is_dir():
        if engines:
            raise click.UsageError("--engine is for one notebook: use `nb2pipe engine add` in each project")
        return _folder(notebook, output, wish, python, jobs=jobs, force=force, quiet=quiet)
    if plan_file is not None:
        from nb2pipe.planning.plan_file import read_wish

        wish = read_wish(plan_file, wish)
    workflow.check_target(notebook, output, force)
    if verify:
        told = on_engines(wish_of(python, quiet, **proof), engines)
        return _verified(notebook, output, wish, told, form=form, force=force, engines=engines)
    converted = _adapted(workflow.convert(notebook, output, wish, python), engines, python)
    workflow.write(converted, output, force)
    if not quiet:
        click.echo(
            as_json(converted.plan, notebook) if form == "json" else as_text(converted.plan, notebook, output)
        )
    return 0


def _adapted(
    converted: workflow.Converted, engines: tuple[str, ...], python: str | None
) -> workflow.Converted:
    """The conversion with the adapters for these engines among its files."""
    if not engines:
        return converted
    from nb2pipe.workflows.engines import with_engines

    return replace(converted, tree=with_engines(converted.tree, engines, python))


def _verified(
    notebook: Path,
    output: Path,
    wish: Wish,
    proof: "ProofWish",
    *,
    form: str,
    force: bool,
    engines: tuple[str, ...],
) -> int:
    """Convert, prove, repair; the project is written with its reports whatever the verdict is."""
    from nb2pipe.reports.proof import as_reports, in_form
    from nb2pipe.workflows.convert_verified import convert_verified, with_reports

    proved = convert_verified(notebook, output, wish, proof)
    name = output.resolve().name
    reported = with_reports(proved, as_reports(proved.verdict, name))
    workflow.write(_adapted(reported, engines, proof.python), output, force)
    if form == "text":
        click.echo(as_text(proved.converted.plan, notebook, output))
    click.echo(in_form(proved.verdict, form, name))
    return 0 if proved.verdict.is_equal else 1


def _folder(
    folder: Path, output: Path, wish: Wish, python: str | None, *, jobs: int, force: bool, quiet: bool
) -> int:
    """Convert every notebook below a folder: one line each, then a summary."""
    from nb2pipe.workflows import batch

    counts: dict[str, int] = {}
    for outcome in batch.convert_folder(folder, output, wish, python, jobs, force):
        counts[outcome.status] = counts.get(outcome.status, 0) + 1
        stages = f"{outcome.stages} stages" if outcome.stages else ""
        if not quiet or outcome.detail:
            click.echo(f"{outcome.status:11} {outcome.notebook}  {outcome.detail or stages}".rstrip())
    if not quiet:
        click.echo(", ".join(f"{count} {status}" for status, count in sorted(counts.items())))
    if counts.keys() == {"unreadable"}:
        return 2
    return 1 if counts.keys() & {"failed", "refused"} else 0


def _numbers(text: str) -> frozenset[int]:
    try:
        return frozenset(int(part) for part in text.replace(",", " ").split())
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no list of cell numbers such as 3,7", param_hint="--skip-cells"
        ) from None


def _identifier(name: str | None) -> str | None:
    if name is not None and (not name.isidentifier() or not name.isascii()):
        raise click.BadParameter(f"{name!r} is no Python identifier", param_hint="--package")
    return name
