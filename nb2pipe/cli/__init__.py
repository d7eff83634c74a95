"""The command line: parse, call one workflow, print, exit code."""

import atexit
import gc
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click

from nb2pipe import __version__
from nb2pipe.errors import Nb2pipeError

# Each command stands in its module and is imported only when it is asked for: start-up costs more than small work.
COMMANDS = {
    "audit": "what in a notebook works only by luck, where and why",
    "convert": "notebook (or folder of notebooks) to pipeline project",
    "verify": "runs notebook and pipeline, compares, says the verdict",
    "scaffold": "a whole repository around the pipeline of a notebook",
    "readiness": "the production-readiness card of a repository, each line with its evidence",
    "engine": "adapters that run a converted pipeline on another engine",
    "plan": "the proposed stages, cuts with reasons, and parameters of a notebook",
    "explain": "one rule: what, why, bad and good example, way out",
    "lsp": "the audit's findings for an editor (a language server)",
}


class _Commands(click.Group):
    """The commands by name; a module under nb2pipe.cli holds each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"nb2pipe.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        _put_in_lines(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _put_in_lines(command: click.Command) -> None:
    """Each example on a line of its own, so that it can be copied."""
    if command.epilog and command.epilog.startswith("Examples:"):
        lines = command.epilog.removeprefix("Examples:").split("   |   ")
        command.epilog = "\n".join(["\b", "Examples:", *(f"  {line.strip()}" for line in lines)])
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        _put_in_lines(inner)


_EPILOG = """\b
Examples:
  nb2pipe plan churn.ipynb
  nb2pipe convert churn.ipynb -o churn
  nb2pipe verify churn

\b
Tab completion, for bash (or zsh, fish), in ~/.bashrc:
  eval "$(_NB2PIPE_COMPLETE=bash_source nb2pipe)"
"""


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=_EPILOG,
)
@click.version_option(__version__, prog_name="nb2pipe")
def cli() -> None:
    """Turn a Jupyter notebook into a pipeline that gives the same result."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit codes are those of the contract. Without arguments it ends the process."""
    code = _run(arguments)
    if arguments is None:
        _leave(code)
    return code


def _leave(code: int) -> NoReturn:
    """End the process at once: to take trees and facts apart node by node takes as long as a tenth of the work."""
    atexit._run_exitfuncs()  # noqa: SLF001 - what libraries want done at the end is done
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is ended, as on Ctrl-C
    gc.set_threshold(400_000, 5, 50)  # to look through trees and facts often takes as long as the work
    try:
        code = cli.main(args=arguments, standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:
        return _complain("interrupted", 130)
    except click.UsageError as error:
        error.show()
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    except Nb2pipeError as error:
        return _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    except RecursionError:
        return _complain("something in the notebook is nested too deeply; say it in several statements", 3)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a full disk, a folder that may not be written
        return _complain(f"{error.filename or 'the disk'}: {error.strerror or error}", 4)
    except Exception as error:  # a bug of ours: one sentence, the traceback on request
        if os.environ.get("NB2PIPE_DEBUG"):
            raise
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = (
            f"{place.tb_frame.f_code.co_filename.rpartition('nb2pipe')[2]}:{place.tb_lineno}" if place else ""
        )
        return _complain(
            f"a bug in nb2pipe ({type(error).__name__}: {error}, at nb2pipe{where});"
            " set NB2PIPE_DEBUG=1 for the traceback, and please report it",
            70,
        )


def _complain(sentence: str, code: int) -> int:
    click.echo(f"nb2pipe: {sentence}", err=True)
    return code
