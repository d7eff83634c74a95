"""What is formatted passes `ruff check` and `ruff format --check`, and the author's code is what it was."""

import ast
import subprocess
from pathlib import Path

import pytest
from ruff import find_ruff_bin

from nb2pipe.rendering import formatted

LONG = "a_long_name_of_something(another_name_that_is_long, a_third_name_that_is_long, one_more)"
TEXTS = (
    "x=1\n",
    "import os, sys\nprint( undefined )\n",
    "x = 1  #\n#\n",
    f"x = {LONG}\n",
    f"x = [{LONG}, {LONG.replace('one_more', '2')}]  #\n",
    "if True: x = 1; y = 2\n",
    "from m import *\ntry: x = 1\nexcept: pass  # noqa: E501\n",
)


@pytest.mark.parametrize("text", TEXTS)
def test_formatted_code_is_clean_and_means_the_same(tmp_path: Path, text: str) -> None:
    (made,) = formatted({"a.py": text}).values()
    (tmp_path / "a.py").write_text(made)
    for words in (["check"], ["format", "--check"]):
        command = [find_ruff_bin(), *words, "--isolated", "--no-cache", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    assert ast.dump(ast.parse(made)) == ast.dump(ast.parse(text))
