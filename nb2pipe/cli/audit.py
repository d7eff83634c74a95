"""nb2pipe audit."""

import gc
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from nb2pipe.audit import Severity, matching
from nb2pipe.errors import EnvironmentFault, InputError
from nb2pipe.reports.audit_formats import Format, Row, format_named
from nb2pipe.workflows import audit as workflow
from nb2pipe.workflows.audit_batch import Part, parts
from nb2pipe.workflows.config import FAIL_ON, config_for

from .run_options import run_options

if TYPE_CHECKING:
    from nb2pipe.workflows.observing import ObservingWish

FORMATS = ("text", "json", "html", "markdown", "sarif", "github")
PATH = click.Path(path_type=Path)


@click.command(
    "audit",
    epilog="Examples:  nb2pipe audit churn.ipynb   |   nb2pipe audit notebooks/ -j 2 --fail-on warning"
    "   |   nb2pipe audit churn.ipynb --format html -o churn.html",
)
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="PATH...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("-o", "--output", type=PATH, metavar="FILE", help="write the report here instead of to stdout")
@click.option(
    "--select", default="", metavar="RULES", help="only these rules: codes, names or families (1xx), by comma"
)
@click.option("--ignore", default="", metavar="RULES", help="not these rules")
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), help="exit 1 for a finding of this severity  [default: error]"
)
@click.option("--baseline", type=PATH, metavar="FILE", help="report only what is not in this file")
@click.option(
    "--write-baseline", type=PATH, metavar="FILE", help="accept all that is found now, in this file"
)
@click.option(
    "--fix",
    is_flag=True,
    help="write a repaired notebook (to -o, else beside the notebook as NAME.fixed.ipynb)",
)
@click.option("--watch", is_flag=True, help="audit again whenever a file changes")
@click.option("-j", "--jobs", default=1, show_default=True, metavar="N", help="notebooks side by side")
@click.option(
    "--backend",
    type=click.Choice(["loky", "threading", "dask", "ray"]),
    default="loky",
    show_default=True,
    help="of joblib, for -j",
)
@click.option("--scheduler", metavar="ADDRESS", help="of a dask cluster, for --backend dask")
@run_options("run the notebooks in a scratch copy, and say what only a run shows", "notebooks'")
@click.option("--root", type=PATH, metavar="DIR", help="for --run: what is copied to run in")
@click.option("--copy-all", is_flag=True, help="for --run: copy a folder of more than 2 GB")
@click.option("-q", "--quiet", is_flag=True, help="print nothing but errors")
def command(
    paths: tuple[Path, ...],
    form: str,
    output: Path | None,
    select: str,
    ignore: str,
    fail_on: str | None,
    baseline: Path | None,
    write_baseline: Path | None,
    fix: bool,
    watch: bool,
    jobs: int,
    backend: str,
    scheduler: str | None,
    run: bool,
    python: str | None,
    timeout: float,
    root: Path | None,
    copy_all: bool,
    quiet: bool,
) -> int:
    """Say what in the notebooks works only by luck, where and why. Their code is never run, but for --run."""
    gc.disable()  # one notebook leaves little behind; looking for it all the time takes half of the time
    running = _running(python, timeout, root, copy_all, quiet=quiet) if run else None
    wish = workflow.AuditWish(_words(select, "--select"), _words(ignore, "--ignore"), baseline, running)
    if write_baseline is not None:
        return _write_baseline(paths, wish, write_baseline)
    if fix:
        return _fix(paths, output, quiet=quiet)
    if watch:
        from .watching import watch as go_on

        return go_on(paths, wish, format_named("text", colours=_colours(sys.stdout)))
    report = format_named(form, colours=output is None and _colours(sys.stdout))
    with _cluster(scheduler):
        found = parts(workflow.notebooks_in(paths), wish, report.part, jobs, backend)
        rows = _write(report, found, output, quiet=quiet)
    return _exit_code(rows, fail_on or config_for(paths[0]).fail_on or "error")


def _running(
    python: str | None, timeout: float, root: Path | None, copy_all: bool, *, quiet: bool
) -> "ObservingWish":
    """How the notebooks run; EnvironmentFault where they cannot."""
    from nb2pipe.execution import interpreter
    from nb2pipe.workflows.observing import ObservingWish

    found = interpreter(python)
    if not quiet:
        click.echo("each notebook runs three times, in a scratch copy", err=True)
    return ObservingWish(found.exe, timeout, root, copy_all)


def _write(report: Format, found: Iterable[Part], output: Path | None, *, quiet: bool) -> list[Row]:
    """Write the parts as they come; what is kept of each is a line of the summary."""
    if output is not None:
        try:
            with output.open("w", encoding="utf-8", newline="\n") as stream:
                return _stream(report, found, stream)
        except OSError as error:
            raise EnvironmentFault(f"{output} cannot be written: {error.strerror or error}") from None
    return _stream(report, found, None if quiet else sys.stdout)


def _stream(report: Format, found: Iterable[Part], stream: TextIO | None) -> list[Row]:
    rows = []
    say = stream.write if stream is not None else len
    say(report.head())
    is_first = True
    for part in found:
        if part.text:
            say(part.text if is_first else report.between + part.text)
            is_first = False
        for note in part.notes:
            click.echo(note, err=True)
        rows.append(Row(part.path, part.rules, part.severities, part.error, part.is_not_run))
        if part.error and stream is not sys.stdout:
            click.echo(f"{part.path}: {part.error}", err=True)
    say(report.tail(rows))
    return rows


def _exit_code(rows: list[Row], fail_on: str) -> int:
    if rows and all(row.error for row in rows):
        return 2
    if rows and all(row.error or row.is_not_run for row in rows):
        return 4
    if fail_on == "never":
        return 0
    found: Counter[str] = Counter()
    for row in rows:
        found.update(row.severities)
    least = Severity(fail_on).rank
    return 1 if any(found[one.value] for one in Severity if one.rank >= least) else 0


def _write_baseline(paths: tuple[Path, ...], wish: workflow.AuditWish, file: Path) -> int:
    plain = workflow.AuditWish(wish.select, wish.ignore)
    audited = [workflow.audit_file(path, plain) for path in workflow.notebooks_in(paths)]
    _save(file, workflow.baseline_text(audited, file))
    click.echo(
        f"{file}: {sum(len(one.findings) for one in audited)} findings of {len(audited)} notebooks", err=True
    )
    return 0


def _fix(paths: tuple[Path, ...], output: Path | None, *, quiet: bool) -> int:
    from nb2pipe.workflows.fix import fix

    found = list(workflow.notebooks_in(paths))
    if output is not None and len(found) > 1:
        raise click.BadParameter("takes one notebook together with --fix", param_hint="-o")
    for path in found:
        target = output or path.with_name(f"{path.stem}.fixed.ipynb")
        if target.exists():
            raise InputError(f"{target} exists; give another file with -o")
        fixed = fix(path)
        if fixed.text:
            _save(target, fixed.text)
        if not quiet:
            click.echo(f"{path} -> {target}" if fixed.text else f"{path}: nothing to repair")
            for line in fixed.done:
                click.echo(f"  {line}")
    return 0


def _save(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EnvironmentFault(f"{file} cannot be written: {error.strerror or error}") from None


def _words(text: str, option: str) -> tuple[str, ...]:
    words = tuple(text.replace(",", " ").split())
    _, unknown = matching(words)
    if unknown:
        raise click.BadParameter(
            f"{unknown[0]!r} is no rule; see `nb2pipe explain --list`", param_hint=option
        )
    return words


def _colours(stream: TextIO) -> bool:
    import os

    return stream.isatty() and "NO_COLOR" not in os.environ


@contextmanager
def _cluster(address: str | None) -> Iterator[None]:
    """A connection to a dask cluster while the batch runs."""
    if not address:
        yield
        return
    try:
        from dask.distributed import Client
    except ImportError:
        raise EnvironmentFault("--scheduler needs dask; install it with: pip install distributed") from None
    with Client(address):
        yield
