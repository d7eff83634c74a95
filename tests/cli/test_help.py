"""What the command line says of itself."""

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from nb2pipe.cli import COMMANDS, cli

GROUPS = [name for name in COMMANDS if isinstance(cli.get_command(click.Context(cli), name), click.Group)]


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS)], ids=" ".join)
def test_help_has_examples_that_can_be_copied(words: list[str]) -> None:
    told = CliRunner().invoke(cli, [*words, "--help"], prog_name="nb2pipe", terminal_width=100)
    assert told.exit_code == 0
    head, _, rest = told.output.partition("Examples:\n")
    examples = [line.strip() for line in rest.splitlines() if line.strip().startswith("nb2pipe ")]
    assert head
    assert len(examples) >= 2 or words[0] in GROUPS
    for line in examples:
        name = line.split()[1]
        command = cli.get_command(click.Context(cli), name)
        assert command is not None, line
        options = {option for one in command.params for option in one.opts}
        given = {word for word in line.split() if word.startswith("-")}
        assert given <= options or name in GROUPS, line


@pytest.mark.parametrize(
    ("typed", "offered"), [("con", "convert"), ("convert --pac", "--package"), ("ver", "verify")]
)
def test_tab_completes(typed: str, offered: str) -> None:
    words = f"nb2pipe {typed}"
    env = {
        **os.environ,
        "_NB2PIPE_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    code = "import sys; sys.argv = ['nb2pipe']; from nb2pipe.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert f"plain,{offered}" in done.stdout.splitlines()
