"""The text of stages: the author's bytes, but for what must change."""

import re

import pytest
from notebook_files import facts_of

from nb2pipe.planning import plan
from nb2pipe.rendering import runtime_files
from nb2pipe.rewriting import rewrite
from nb2pipe.rewriting.edits import Edit, apply, indent


def only_stage(*cells: str) -> str:
    facts = facts_of(*cells)
    files = rewrite(plan(facts), facts).files
    return "\n".join(text for path, text in files.items() if path.startswith("stages/"))


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("x = 1\nx", "kernel.show_result(x)"),
        ("x = 1\nx, x", "kernel.show_result((x, x))"),
        ("x = 1\nx;", "    x"),
        ("print(1)", "    print(1)"),
        ("x = 1\ndisplay(x)", "kernel.display(x)"),
        ("from IPython.display import display as show\nshow(1)", "    kernel.display(1)"),
        ("if __name__ == '__main__':\n    print(1)", 'if "__main__" == '),
        ('print(f"{__name__}")', 'f"{__name__}"'),
        ("kernel = 'rbf'\nkernel", "nb_kernel.show_result(kernel)"),
        ("import os; x = os.sep", "x = os.sep"),
        ("!ls", 'kernel.shell("ls")'),
    ],
)
def test_text_of_a_cell(cell: str, line: str) -> None:
    assert line in only_stage(cell)


@pytest.mark.parametrize(
    ("call", "passed"),
    [
        ("f(1)", "f(1, k=k)"),
        ("f()", "f(k=k)"),
        ("f(1,)", "f(1, k=k)"),
        ("f(\n    1,  # why, (oh\n)", "f(\n        1,  # why, (oh\n     k=k)"),
        ("f((1))", "f((1), k=k)"),
        ("[f(v) for v in [1]]", "[f(v, k=k) for v in [1]]"),
    ],
)
def test_calls_pass_the_variables_that_a_function_reads(call: str, passed: str) -> None:
    assert passed in only_stage("k = [1]", "def f(v=0):\n    return k", call)


def test_signature_gets_keywords() -> None:
    facts = facts_of("k = [1]", "# adds\ndef f(v, *rest):  # note\n    return k", "f(1)")
    text = rewrite(plan(facts), facts).files["functions.py"]
    assert "# adds\ndef f(v, *rest, k):  # note" in text


def test_edits_count_columns_in_bytes() -> None:
    assert apply("é = a", [Edit(1, 5, 1, 6, "bb")]) == "é = bb"


def test_lines_inside_strings_are_not_indented() -> None:
    assert indent('x = """a\n b"""\ny = 1') == '    x = """a\n b"""\n    y = 1'


def test_runtime_holds_neither_exec_nor_a_shell() -> None:
    for name, text in runtime_files().items():
        assert not re.search(r"\bget_ipython\b|(?<![\w.])exec\(", text), name


@pytest.mark.parametrize("cells", [("x = 1", "{}"), ("x = globals()", "{}")])
def test_future_import_stays_only_where_its_name_is_a_value(cells: tuple[str, ...]) -> None:
    line = "from __future__ import print_function"
    assert line not in only_stage("import os\nos.sep", line, *(cell.format("x") for cell in cells))
    text = only_stage("import os\nos.sep", line, *(cell.format("print_function") for cell in cells))
    assert text.index(line) < text.index("os.sep")


def test_future_import_of_annotations_stays_where_it_is() -> None:
    text = only_stage("def f(v: int): pass", "from __future__ import annotations", "annotations")
    assert text.count("import annotations") == 1
    assert text.index("def f") < text.index("import annotations")
