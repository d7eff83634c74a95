"""Files of every format, whole and damaged."""

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nb2pipe.errors import InputError
from nb2pipe.notebooks import parse, read

CODE: dict[str, Any] = {
    "cell_type": "code",
    "id": "a",
    "metadata": {},
    "outputs": [],
    "execution_count": None,
    "source": "x = 1",
}


def document(*cells: Mapping[str, Any], **rest: object) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **rest}).encode()


def shape(text: bytes, path: str) -> list[tuple[str, str]]:
    return [(cell.kind, cell.source) for cell in parse(text, path).cells]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b'{"nbformat": 4, ', "no valid JSON at line 1, column 17"),
        (b"<html></html>", "no valid JSON at line 1, column 1"),
        (b"<<<<<<< HEAD\n{}", "remove what a merge left in it"),
        (b"{}", "JSON but no notebook"),
        (b"[1, 2]", "JSON but no notebook"),
        (b"3", "JSON but no notebook"),
        (b"[" * 100_000, "cannot be read"),
        (b"1" * 5000, "cannot be read"),
        (b'{"nbformat": 2, "worksheets": []}', "is of nbformat 2, which is too old"),
        (b'{"nbformat": 7, "cells": []}', "is of nbformat 7, which is not known"),
        (b'{"nbformat": 3, "worksheets": 1}', "is of nbformat 3"),
        (b'{"nbformat": 4, "cells": {}}', "is not a notebook"),
        (b"\xff\xfe\x00x", "null bytes"),
        (b'{"nbformat": 4, "a": "\xe9"}', "is not UTF-8"),
        (document({**CODE, "cell_type": "sql"}), "unknown type 'sql'"),
        (document({**CODE, "source": 3}), "source that is no text"),
        (document({**CODE, "source": ["a", 3]}), "source that is no text"),
        (document({**CODE, "source": "x = '\ud800'"}), "half a character"),
        (
            document(metadata={"kernelspec": {"name": "ir", "language": "R"}}),
            "a notebook in R, not in Python",
        ),
        (document(metadata={"language_info": {"name": "julia"}}), "a notebook in julia"),
    ],
)
def test_bad_notebook_gives_one_sentence(text: bytes, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, "nb.ipynb")
    message = str(caught.value)
    assert words in message
    assert message.startswith("nb.ipynb")
    assert "\n" not in message
    assert message.endswith(".")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "none.ipynb")
    with pytest.raises(InputError, match="is a folder"):
        read(tmp_path)


def test_plain_notebook() -> None:
    notebook = parse(
        document(
            {"cell_type": "markdown", "id": "m", "metadata": {}, "source": ["# Title\n", "text"]},
            {
                **CODE,
                "execution_count": 7,
                "metadata": {"tags": ["parameters"]},
                "source": ["x = 1\r\n", "y = 2"],
            },
            {**CODE, "id": "b", "execution_count": None, "outputs": [{"output_type": "stream", "text": "1"}]},
        ),
        "folder/my.ipynb",
    )
    first, second = notebook.code_cells
    assert notebook.name == "my"
    assert notebook.cells[0].source == "# Title\ntext"
    assert (first.number, first.index, first.id) == (1, 1, "a")
    assert (first.source, first.execution_count, first.tags) == ("x = 1\ny = 2", 7, frozenset({"parameters"}))
    assert (second.number, second.execution_count, len(second.outputs)) == (2, None, 1)
    assert notebook.warnings == ()


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (document({key: CODE[key] for key in CODE if key != "id"}), "cell 1 of the file has no id"),
        (
            document({key: CODE[key] for key in CODE if key != "metadata"}),
            "cell 1 of the file has no metadata",
        ),
        (
            document({key: CODE[key] for key in CODE if key != "outputs"}),
            "cell 1 of the file has no list of outputs",
        ),
        (document(CODE, metadata=None), "the notebook has no metadata"),
    ],
)
def test_small_faults_are_warnings(text: bytes, warning: str) -> None:
    notebook = parse(text, "nb.ipynb")
    assert notebook.code_cells[0].source == "x = 1"
    assert notebook.warnings == (warning,)
    assert parse(text, "nb.ipynb") == notebook


def test_made_ids_are_new() -> None:
    notebook = parse(document({**CODE, "id": "cell-1"}, {**CODE, "id": None}), "nb.ipynb")
    assert [cell.id for cell in notebook.cells] == ["cell-1", "cell-1-"]


def test_nbformat_3_is_upgraded() -> None:
    cell = {
        "cell_type": "code",
        "input": ["x = 1\n", "x"],
        "outputs": [],
        "prompt_number": 4,
        "language": "python",
    }
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": [cell]}]}
    notebook = parse(json.dumps(old).encode(), "old.ipynb")
    assert [(cell.source, cell.execution_count) for cell in notebook.code_cells] == [("x = 1\nx", 4)]
    assert notebook.warnings[0] == "the file is of nbformat 3 and was read as nbformat 4"


def test_bom_crlf_and_no_cells() -> None:
    assert parse(b"\xef\xbb\xbf" + document(CODE), "nb.ipynb").code_cells[0].source == "x = 1"
    assert shape(b"\xef\xbb\xbf# %%\r\nx = 1\r\ny\r\n", "a.py") == [("code", "x = 1\ny")]
    assert parse(document(), "nb.ipynb").cells == ()


def test_plain_notebook_does_not_import_nbformat() -> None:
    code = f"import sys; from nb2pipe.notebooks import parse; parse({document(CODE)!r}, 'a.ipynb'); "
    code += "print('nbformat' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("# %%\nx = 1\n\n# %%\ny = 2\n", [("code", "x = 1"), ("code", "y = 2")]),
        ("import os\n# %%\nx = 1", [("code", "import os"), ("code", "x = 1")]),
        ("x = 1\n", [("code", "x = 1")]),
        ("# %% [markdown]\n# # Title\n#\n# text\n", [("markdown", "# Title\n\ntext")]),
        ('# %% [markdown]\n"""\n# Title\n"""\n', [("markdown", "# Title")]),
        ("# %% [raw]\n# a\n", [("raw", "a")]),
        (
            "# %%\n# %matplotlib inline\n# !ls -l\n# x = !ls",
            [("code", "%matplotlib inline\n!ls -l\nx = !ls")],
        ),
        ("# %%\nif x:\n    # !ls\n    # df?", [("code", "if x:\n    !ls\n    df?")]),
        ("# %%\n# 100 % sure!\n# why not?", [("code", "# 100 % sure!\n# why not?")]),
        ("# %%\n# %%bash\n# ls\n# echo hi", [("code", "%%bash\nls\necho hi")]),
        ("# %%\n# %%time\nx = 1", [("code", "%%time\nx = 1")]),
        ("# ---\n# jupyter:\n#   jupytext: {}\n# ---\n\n# %%\nx = 1", [("code", "x = 1")]),
        ("# %%\n\n# %%\nx", [("code", ""), ("code", "x")]),
        ("#%%\nx = 5 %% y", [("code", "x = 5 %% y")]),
    ],
)
def test_percent_scripts(text: str, cells: list[tuple[str, str]]) -> None:
    assert shape(text.encode(), "script.py") == cells


@pytest.mark.parametrize(
    ("marker", "title", "tags"),
    [
        ("# %%", "", set()),
        ("# %% Load the data", "Load the data", set()),
        ('# %% tags=["a", "b"]', "", {"a", "b"}),
        ("# %% Load tags=['a']", "Load", {"a"}),
        ('# %% Load {"tags": ["a"]}', "Load", {"a"}),
        ("# %% tags=[", "", set()),
    ],
)
def test_percent_markers(marker: str, title: str, tags: set[str]) -> None:
    (cell,) = parse(f"{marker}\nx = 1\n".encode(), "script.py").cells
    assert (cell.title, set(cell.tags), cell.source) == (title, tags, "x = 1")


@pytest.mark.parametrize(
    ("part", "cell"),
    [
        ("x = 1", ("code", "x = 1")),
        ("# MAGIC %md\n# MAGIC # Title", ("markdown", "# Title")),
        ("# MAGIC %md # Title\n# MAGIC\n# MAGIC text", ("markdown", "# Title\n\ntext")),
        ("# MAGIC %sh\n# MAGIC ls", ("code", "%%sh\nls")),
        ("# MAGIC %pip install a", ("code", "%pip install a")),
        ("# MAGIC %python\n# MAGIC x = 1", ("code", "x = 1")),
        ("# DBTITLE 1,Load\nx = 1", ("code", "x = 1")),
    ],
)
def test_databricks(part: str, cell: tuple[str, str]) -> None:
    text = f"# Databricks notebook source\ny = 0\n\n# COMMAND ----------\n\n{part}\n"
    assert shape(text.encode(), "job.py") == [("code", "y = 0"), cell]


def test_databricks_in_another_language() -> None:
    with pytest.raises(InputError, match="a cell in Scala"):
        parse(b"# Databricks notebook source\n# MAGIC %scala\n# MAGIC val x = 1\n", "job.py")


@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for path in ("a.ipynb", "a.py", "a"):
        with suppress(InputError):
            notebook = parse(data, path)
            assert [cell.number for cell in notebook.code_cells] == list(
                range(1, len(notebook.code_cells) + 1)
            )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
CELL = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw", "odd"]), "source": JSON},
    optional={"metadata": JSON, "outputs": JSON, "id": JSON, "execution_count": JSON},
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "nbformat": st.sampled_from([3, 4, 5]) | JSON,
            "nbformat_minor": JSON,
            "metadata": JSON,
            "cells": st.lists(CELL, max_size=3) | JSON,
            "worksheets": JSON,
        },
    )
)
def test_any_json_is_read_or_refused(made: dict[str, object]) -> None:
    with suppress(InputError):
        notebook = parse(json.dumps(made).encode(), "a.ipynb")
        assert [cell.index for cell in notebook.cells] == list(range(len(notebook.cells)))
