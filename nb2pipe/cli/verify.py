"""nb2pipe verify."""

from pathlib import Path

import click

from nb2pipe.execution import Controls
from nb2pipe.reports import proof, proof_page
from nb2pipe.workflows.proving import MODES, ProofWish
from nb2pipe.workflows.verify import verify as prove


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
@click.option(
    "--modes", default=",".join(MODES[:3]), show_default=True, metavar="M,M", help=f"of {', '.join(MODES)}"
)
@click.option("--repeat", default=2, show_default=True, help="runs of the notebook")
@click.option("--floor", default=0.9, show_default=True, help="the least coverage of an equal")
@click.option("--timeout", default=600.0, show_default=True, help="seconds for a cell")
@click.option("--seed", default=0, show_default=True, help="seed of random, numpy and torch on both sides")
@click.option("--no-seed", is_flag=True, help="leave the random streams alone")
@click.option("--freeze-time", metavar="ISO", help="the moment at which both sides run")
@click.option("--root", type=click.Path(path_type=Path), metavar="DIR", help="what is copied to run in")
@click.option("--copy-all", is_flag=True, help="copy a folder of more than 2 GB")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True
)
@click.option("-q", "--quiet", is_flag=True, help="no progress on stderr")
def command(
    project: Path,
    notebook: Path | None,
    python: str | None,
    modes: str,
    repeat: int,
    floor: float,
    timeout: float,
    seed: int,
    no_seed: bool,
    freeze_time: str | None,
    root: Path | None,
    copy_all: bool,
    form: str,
    quiet: bool,
) -> int:
    """Run the notebook and the pipeline in DIR, compare, and say the verdict. Exit 1 unless it is equal."""
    wish = ProofWish(
        python=python,
        modes=_modes(modes),
        repeats=repeat,
        floor=floor,
        timeout=timeout,
        controls=Controls(seed=None if no_seed else seed, freeze=freeze_time),
        root=root,
        copy_all=copy_all,
        say=len if quiet else _say,
    )
    verdict = prove(project, notebook, wish)
    texts = {"json": proof.as_json, "text": proof.as_text}
    click.echo(proof_page.as_page(verdict, project.name) if form == "html" else texts[form](verdict))
    return 0 if verdict.verdict == "equal" else 1


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)


def _modes(text: str) -> tuple[str, ...]:
    chosen = tuple(part.strip() for part in text.split(",") if part.strip())
    for mode in chosen:
        if mode not in MODES:
            raise click.BadParameter(f"{mode!r} is none of {', '.join(MODES)}", param_hint="--modes")
    return chosen
