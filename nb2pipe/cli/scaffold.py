"""nb2pipe scaffold."""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nb2pipe import scaffold as room
from nb2pipe.planning import OrderName, Wish
from nb2pipe.scaffold import Answers
from nb2pipe.workflows import convert as conversion
from nb2pipe.workflows import scaffold as workflow

from .order_option import order_option
from .proof_options import proof_options, wish_of
from .questions import asked
from .updating import updated

if TYPE_CHECKING:
    from nb2pipe.workflows.convert_verified import Proved


@click.command(
    "scaffold",
    epilog="Examples:  nb2pipe scaffold churn.ipynb -o churn-service"
    "   |   nb2pipe scaffold churn.ipynb -o churn-service --with serving,docs --owner @churn-team"
    "   |   nb2pipe scaffold --update churn-service --diff",
)
@click.argument("notebook", type=click.Path(path_type=Path), metavar="NOTEBOOK|DIR")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="the new folder")
@click.option("--with", "names", metavar="PART,PART", help=f"of {', '.join(room.listed_parts())}")
@click.option("--all", "all_parts", is_flag=True, help="with all parts")
@click.option("--verify", "wants_proof", is_flag=True, help="run notebook and pipeline, and prove them equal")
@click.option("--static", is_flag=True, help="never run anything: parts that need a run stay unfilled")
@click.option("--owner", metavar="@TEAM", help="who owns it, for CODEOWNERS and the runbooks")
@click.option("--backup", metavar="@TEAM", help="who stands in for the owner")
@click.option(
    "--serve", default="", metavar="NAME", help='the estimator that is served: model, models["forest"]'
)
@click.option("--python", metavar="EXE", help="the interpreter that is pinned (default: nb2pipe's own)")
@click.option("--package", metavar="NAME", help="name of the package (default: after the notebook)")
@order_option
@proof_options
@click.option("--update", is_flag=True, help="bring the templates of this nb2pipe into the repository DIR")
@click.option(
    "--check", is_flag=True, help="with --update: write nothing, exit 1 where something would change"
)
@click.option("--diff", is_flag=True, help="with --update: write nothing, print what would change")
@click.option("-q", "--quiet", is_flag=True, help="print nothing but errors")
def command(
    notebook: Path,
    output: Path | None,
    names: str | None,
    all_parts: bool,
    wants_proof: bool,
    static: bool,
    owner: str | None,
    backup: str | None,
    serve: str,
    python: str | None,
    package: str | None,
    order: OrderName,
    update: bool,
    check: bool,
    diff: bool,
    quiet: bool,
    **proof: Any,
) -> int:
    """Write a whole repository around the pipeline of NOTEBOOK to DIR.

    Without parts nothing is run. Parts that are filled from a run (data, docs, evaluation, monitoring, serving) imply
    --verify, unless --static is given.

    With --update the templates of this nb2pipe come into a repository that was made before. What was edited by hand
    stays, what was deleted stays away, and where both changed the same lines they are marked and the exit code is 1.
    Nothing is run, and the pipeline stays as it is. --with, --owner and the like change the recorded answers.
    """
    if update:
        return updated(output or notebook, partial(_changed, names, all_parts, owner, backup, serve),
                       check=check, diff=diff, quiet=quiet)  # fmt: skip
    if check or diff:
        raise click.UsageError("--check and --diff are about an --update")
    if output is None:
        raise click.UsageError("name the new folder with -o DIR")
    workflow.check(output, notebook)
    if static and wants_proof:
        raise click.UsageError("--static runs nothing, --verify runs it all: leave one of them out")
    chosen = room.listed_parts() if all_parts else _parts(names)
    answers = Answers(chosen, owner or room.PLACEHOLDER, backup or room.PLACEHOLDER, serve)
    if names is None and not all_parts:
        answers = asked(answers)
    has_run = not static and (wants_proof or workflow.needs_run(answers.parts))
    wish = Wish(package=package, order=order)
    proved = _proved(notebook, output, wish, python, quiet, proof) if has_run else None
    exe = python or sys.executable
    converted = proved.converted if proved else conversion.convert(notebook, output, wish, exe)
    repository = workflow.scaffolded(notebook, output, converted, answers, exe)
    if has_run and workflow.needs_run(answers.parts):
        _say(quiet, "running the pipeline under watch, to see what the parts are filled with")
        if all_parts:
            say = partial(_say, quiet)
            repository = workflow.filled_as_far_as_it_goes(repository, exe, proof["timeout"], say)
        else:
            repository = workflow.filled(repository, exe, proof["timeout"])
    workflow.write(repository, output)
    for sentence in workflow.secrets(converted.facts):
        click.echo(f"before you publish: {sentence}", err=True)
    if sentence := workflow.waiting(converted.facts, repository.answers.parts):
        click.echo(sentence, err=True)
    if not quiet:
        _tell(notebook, output, repository, exe, proved)
    return 1 if proved and not proved.verdict.is_equal else 0


def _changed(
    names: str | None, all_parts: bool, owner: str | None, backup: str | None, serve: str, known: Answers
) -> Answers:
    """The recorded answers, with those that the command line gives anew."""
    parts = room.listed_parts() if all_parts else (*known.parts, *_parts(names))
    return Answers(
        tuple(dict.fromkeys(parts)), owner or known.owner, backup or known.backup, serve or known.serve
    )


def _parts(names: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((names or "").replace(",", " ").split()))


def _proved(
    notebook: Path, output: Path, wish: Wish, python: str | None, quiet: bool, proof: dict[str, Any]
) -> "Proved":
    from nb2pipe.reports.proof import as_reports
    from nb2pipe.workflows.convert_verified import convert_verified, with_reports

    proved = convert_verified(notebook, output, wish, wish_of(python, quiet, **proof))
    reports = as_reports(proved.verdict, output.resolve().name)
    return replace(proved, converted=with_reports(proved, reports))


def _tell(
    notebook: Path, output: Path, repository: workflow.Repository, python: str, proved: "Proved | None"
) -> None:
    ground = repository.ground
    parts = f", with {', '.join(ground.names)}" if ground.names else ""
    click.echo(f"{notebook.name} -> {output}/   {len(ground.plan.stages)} stages{parts}")
    if proved:
        from nb2pipe.reports.proof import in_form

        click.echo(in_form(proved.verdict, "text", output.resolve().name))
    for line in ground.unpinned:
        click.echo(f"  {line} is not pinned: {python} does not have it")
    for path in ground.too_big:
        click.echo(f"  {path} is too big for a repository: put it into {output}/notebook")
    click.echo(f"next: cd {output} && make setup run test check")


def _say(quiet: bool, sentence: str) -> None:
    if not quiet:
        click.echo(sentence, err=True)
