"""IPython syntax, case by case."""

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nb2pipe.notebooks import Cell, Lifted, lift, lift_all, parse


def lifted(source: str, *before: str) -> Lifted:
    """The last of these cells, lifted with the others before it."""
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": each} for each in (*before, source)
    ]
    return lift_all(parse(json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}).encode(), "a.ipynb"))[
        -1
    ]


def alone(source: str) -> Lifted:
    return lift(Cell("code", source, 0, 1, "a"))


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("!ls -l", '__kernel__.shell("ls -l")'),
        ("! ls", '__kernel__.shell(" ls")'),
        ("if x:\n    !ls", 'if x:\n    __kernel__.shell("ls")'),
        ('!echo "hi"', "__kernel__.shell('echo \"hi\"')"),
        ('!echo "it\'s"', '__kernel__.shell("echo \\"it\'s\\"")'),
        ("!ls \\\n  -l\nx", '__kernel__.shell("ls    -l")\n\nx'),
        ("x = !ls", 'x = __kernel__.shell_lines("ls")'),
        ("a.b = !ls", 'a.b = __kernel__.shell_lines("ls")'),
        ("!!ls", '__kernel__.shell_lines("ls")'),
        ("%sx ls", '__kernel__.shell_lines("ls")'),
        ("%ls -a", '__kernel__.shell("ls -F --color -a")'),
        ("%matplotlib inline", "__kernel__.inline_figures()"),
        ("%matplotlib notebook", "__kernel__.inline_figures()"),
        ("%cd -q data", '__kernel__.change_directory("-q data")'),
        ("%env A=1", '__kernel__.set_env("A=1")'),
        ("%set_env A 1", '__kernel__.set_env("A 1")'),
        ("%time x = 1", "x = 1"),
        ("y = %time 1 + 2", "y = 1 + 2"),
        ("%time !ls", '__kernel__.shell("ls")'),
        ("%%time\nx = 1\nx", "\nx = 1\nx"),
        ("\n%%time\nx", "\n\nx"),
        ("%load_ext autoreload\n%autoreload 2", "# %load_ext autoreload\n# %autoreload 2"),
        ("def f():\n    %autoreload 2", "def f():\n    pass  # %autoreload 2"),
        ("%config InlineBackend.figure_format = 'svg'", "# %config InlineBackend.figure_format = 'svg'"),
        ("%aimport a, b", "import a, b"),
        ("%pwd", "__kernel__.current_folder()"),
        ("%xdel x", "del x"),
        ("df.head?", "# df.head?"),
        ("?df", "# ?df"),
        ("x = df?", "# x = df?"),
        (",f a b", 'f("a", "b")'),
        (";f a b", 'f("a b")'),
        ("/f a b", "f(a, b)"),
        ("x\n;", 'x\n("")'),
        ("%%bash\nls", '__kernel__.script("bash", """\\\nls\\n""")'),
        ("%%bash\nls\n", '__kernel__.script("bash", """\\\nls\n""")'),
        ("%%script python3 -u\n1", '__kernel__.script("python3 -u", """\\\n1\\n""")'),
        (
            '%%writefile -a a.txt\nx\\n"',
            '__kernel__.write_file("a.txt", """\\\nx\\\\n\\"\\n""", append=True)',
        ),
        ("%%html\n<b>", '__kernel__.markup("html", """\\\n<b>\\n""")'),
        ("%%capture\nx = 1", "with __kernel__.capture():\n    x = 1"),
        (
            "%%capture out --no-stderr\nx = '''\na'''",
            "with __kernel__.capture(stderr=False) as out:\n    x = '''\na'''",
        ),
        (
            "%%capture out\nf(é,\n  1)",
            "with __kernel__.capture() as out:\n    __kernel__.show_result(f(é,\n      1))",
        ),
        ("%%capture out\na, *b", "with __kernel__.capture() as out:\n    __kernel__.show_result((a, *b))"),
        ("%%capture\n# nothing", "with __kernel__.capture(): pass\n    # nothing"),
        ("get_ipython().run_line_magic('matplotlib', 'inline')", "__kernel__.inline_figures()"),
        ("get_ipython().magic('matplotlib inline')", "__kernel__.inline_figures()"),
        ("get_ipython().system('ls')", '__kernel__.shell("ls")'),
        ("x = get_ipython().getoutput('ls')", 'x = __kernel__.shell_lines("ls")'),
        ("get_ipython().run_cell_magic('time', '', 'x = 1\\ny = 2\\n')", "x = 1; y = 2"),
        ("  x = 1\n  y = 2", "x = 1\ny = 2"),
        (">>> x = 1\n>>> x", "x = 1\nx"),
        ("In [1]: x = 1\n   ...: x", "x = 1\nx"),
        ("ls", '__kernel__.shell("ls -F --color")'),
        ("cd ..", '__kernel__.change_directory("..")'),
    ],
)
def test_said_in_python(source: str, python: str) -> None:
    found = alone(source)
    assert found.python == python
    assert (found.needs_ipython, found.needs_session, found.fault) == (None, None, None)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1",
        "q = [\n 17\n % 5,\n 3\n != 4]",
        "'''\n%matplotlib inline\n!ls\n'''",
        'f"""\n!{x!r}\n%cd {y}\n"""',
        "x = 7 \\\n% 3",
        "# %matplotlib inline\n# !ls",
        "print('what?')",
        "x: int = 3  # why?",
        "ls = 3",
        "time.sleep(1)",
        "'it''s' % x",
        "x = (a\n  != b\n  % c)",
        "def f():\n\t'''doc\n\t!no'''\n\treturn 1",
        "\n\nx = 1\n\n",
        "@decorate\ndef f(): ...",
    ],
)
def test_python_stays(source: str) -> None:
    found = alone(source)
    assert found.python == source
    assert found == Lifted(found.cell, source)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("echo $x", 'f"echo {x}"'),
        ("echo {x} {y + 1}", 'f"echo {x} {y + 1}"'),
        ("echo $HOME", '"echo $HOME"'),
        ("echo $HOME {x}", '"echo $HOME {x}"'),
        ("echo $$x {y}", 'f"echo $x {y}"'),
        ("awk '{print $1}' a", "\"awk '{print $1}' a\""),
        ("echo '$x'", "\"echo '$x'\""),
        ("echo {{x}} {y}", 'f"echo {{x}} {y}"'),
        ("echo {x['a']}", "f\"echo {x['a']}\""),
        ("echo {x[\"a\"]} it's {y['b']}", '"echo {} it\'s {}".format(x["a"], y[\'b\'])'),
        ("echo {x!r}", 'f"echo {x!r}"'),
        ("echo {x:>3}", '"echo {x:>3}"'),
        ("echo {x[1:2]}", 'f"echo {x[1:2]}"'),
        ("echo {len(x)}", 'f"echo {len(x)}"'),
        ("echo {", '"echo {"'),
    ],
)
def test_filled_in_as_ipython_does(command: str, code: str) -> None:
    assert lifted(f"!{command}", "x = y = 1").python == f"__kernel__.shell({code})"


@pytest.mark.parametrize(
    ("source", "installs", "python"),
    [
        ("!pip install -q 'a>=1' b -r c.txt", ("a>=1", "b"), "# !pip install -q 'a>=1' b -r c.txt"),
        ("%pip install a[x] -U", ("a[x]",), "# %pip install a[x] -U"),
        ("!python -m pip install a", ("a",), "# !python -m pip install a"),
        ("!{sys.executable} -m pip install a", ("a",), "# !{sys.executable} -m pip install a"),
        ("!conda install -c conda-forge a -y", ("a",), "# !conda install -c conda-forge a -y"),
        ("!apt-get install -y tree", (), "# !apt-get install -y tree"),
        ("!uv pip install a", ("a",), "# !uv pip install a"),
        ("%conda install a", ("a",), "# %conda install a"),
        ("x = !pip list", (), "x = []"),
        ("try:\n    import a\nexcept ImportError:\n    !pip install a", ("a",), None),
        ("!pip install a && python run.py", (), '__kernel__.shell("pip install a && python run.py")'),
        ("pip install a", ("a",), "# %pip install a"),
    ],
)
def test_installs_do_not_run(source: str, installs: tuple[str, ...], python: str | None) -> None:
    found = alone(source)
    assert found.installs == installs
    assert python in (None, found.python)
    ast.parse(found.python)


@pytest.mark.parametrize(
    ("before", "source", "reason"),
    [
        ("", "%timeit -o f()", "ipython"),
        ("", "%%timeit x = 1\nf()", "session"),
        ("", "%unknown x", "ipython"),
        ("", "%%sql\nselect 1", "ipython"),
        ("", "%pprint", "ipython"),
        ("", "%%bash --out text\nls", "ipython"),
        ("", "%%time x\ny", "ipython"),
        ("x = 1", "!cat $x.csv", "ipython"),
        ("from a import *", "!cat $b", "ipython"),
        ("", "%who", "session"),
        ("", "%run other.py", "session"),
        ("", "%config InteractiveShell.ast_node_interactivity = 'all'", "session"),
        ("", "%cd -", "session"),
        ("", "%reset -f", "session"),
        ("", "shell = get_ipython()", "session"),
        ("", "print(_)", "session"),
        ("", "Out[1]", "session"),
        ("", "x = In[-1]", "session"),
        ("", "_i1", "session"),
        ("", "def f(): return _", "session"),
        ("", "_ = _", "session"),
        ("", "exit()", "session"),
        ("%load_ext a", "%b", "session"),
        ("", "from IPython.core.magic import register_line_magic", "session"),
        ("", "for _ in range(3): print(_)", None),
        ("_, ax = f()", "_", None),
        ("", "def f(_): return _", None),
        ("", "[_ for _ in x]", None),
        ("from gettext import gettext as _", "_('a')", None),
        ("Out = 3", "Out", None),
        ("", "df._1", None),
    ],
)
def test_needs(before: str, source: str, reason: str | None) -> None:
    found = lifted(source, before)
    assert bool(found.needs_ipython) == (reason == "ipython") or reason == "session"
    assert bool(found.needs_session) == (reason == "session")
    assert found.fault is None
    ast.parse(found.python)


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("r = %timeit -o f(x)", "r = None  # %timeit -o f(x)"),
        ("%timeit -n 3 f(x)", "__kernel__.timeit(lambda: f(x), number=3)"),
        ("%timeit y = f(x);", "__kernel__.timeit(lambda: f(x))"),
        ("%timeit x = f(x)", "if __kernel__: x = f(x)"),
        ("%%timeit -r 2\ny = x", "def _timed():\n    y = x\n__kernel__.timeit(_timed, repeat=2)"),
        ("%foo x z", "if __kernel__: (x,)  # %foo x z"),
        ("%%R -i x -o out\nplot(x)", "if __kernel__: (x,); out = None\n"),
        ("%%bash --out text\necho", "if __kernel__: text = None\n"),
    ],
)
def test_what_analysis_still_reads(source: str, python: str) -> None:
    assert lifted(source, "x = 1").python == python


@pytest.mark.parametrize(
    ("source", "is_silent"),
    [
        ("x;", True),
        ("x ; # shown?", True),
        ("x;\n# end\n", True),
        ("(x\n);", True),
        ("x", False),
        ("y; x", False),
        ("x = 1;", False),
        ("x # ;", False),
        ("';'", False),
        ("é;", True),
    ],
)
def test_silent(source: str, is_silent: bool) -> None:
    assert alone(source).is_silent is is_silent


@pytest.mark.parametrize(
    ("source", "is_async"),
    [
        ("await f()", True),
        ("async with a: pass", True),
        ("async for x in y: pass", True),
        ("[x async for x in y]", True),
        ("async def f(): await g()", False),
        ("def f(): return 1", False),
    ],
)
def test_async(source: str, is_async: bool) -> None:
    assert (alone(source).is_async, alone(source).python) == (is_async, source)


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("x = 1\nprint x", 2, "this is Python 2 (`print` without parentheses)"),
        ("try: pass\nexcept A, e: pass", 2, "this is Python 2 (`except Error, name:`)"),
        ("x = (1,\n", 1, "never closed"),
        ("return 1", 1, "'return' outside function"),
        ("x = 1\nbreak", 2, "'break' outside loop"),
        ("%matplotlib inline\nx = = 1", 2, "invalid syntax"),
        ("%%time\n\nx = = 1", 3, "invalid syntax"),
        ("x = '\0'", 1, "null bytes"),
        ("x = " + "(" * 5000, 1, "too many nested"),
        ("def f():\n?x\n    y = 1", 2, "expected an indented block"),
        ("a = b = !ls", 1, "invalid syntax"),
        ("a; !ls", 1, "invalid syntax"),
        ("/ 2", 1, "invalid syntax"),
    ],
)
def test_faults(source: str, line: int, words: str) -> None:
    fault = alone(source).fault
    assert fault is not None
    assert fault.line == line
    assert words in fault.message


def test_magics_are_recorded() -> None:
    source = "%matplotlib inline\nif x:\n    !ls {x}\ny = !pwd\nz = %env A\nx?\n,f a\nawait g()"
    found = [(use.line, use.kind, use.name, use.argument, use.target) for use in alone(source).magics]
    assert found == [
        (1, "line", "matplotlib", "inline", ""),
        (3, "shell", "", "ls {x}", ""),
        (4, "shell-assign", "", "pwd", "y"),
        (5, "line", "env", "A", "z"),
        (6, "help", "x", "", ""),
        (7, "autocall", ",f", "a", ""),
        (1, "await", "", "", ""),
    ]


FRAGMENTS = st.sampled_from(
    """%cd|%%time|%%capture x|%timeit|!ls {x}|x = !ls|y?|'''|"|(|]|\\|\f|    |_|get_ipython()|.system('a')|>>> """.split(
        "|"
    )
    + "In [1]: |if x:|x = 1|await x|$y|{|é|\0|#|;|%|!|,f a|%%|def f():|return".split("|")
)
LINES = st.lists(st.lists(FRAGMENTS | st.text(max_size=4), max_size=3).map("".join), max_size=6)


@given(LINES)
def test_any_text_keeps_its_lines(lines: list[str]) -> None:
    source = "\n".join(lines).replace("\r", "")
    cell = Cell("code", source, 0, 1, "a")
    for found in (lift(cell), lift(cell, frozenset({"x"}))):
        if found.fault is None:
            assert found.python.count("\n") == source.count("\n")
            ast.parse(found.python)
        else:
            assert 1 <= found.fault.line <= source.count("\n") + 2


STATEMENTS = st.sampled_from(
    [
        "x = 17 % 5",
        "y = [1,\n  2 % 3,\n  4\n  != 5]",
        "s = '''\n!ls\n%cd\n'''",
        "if x != 3:\n    y = x % 2",
        "# %cd ?",
        "f(a, *b, **c)",
        "t = f'{x!r} {x % 2}'",
        "def f(a, /, b):\n    return a",
        "u = x if x else '?'",
        "z = x \\\n  % 3",
    ]
)


@given(st.lists(STATEMENTS, max_size=5).map("\n".join))
def test_plain_python_comes_back_unchanged(source: str) -> None:
    assert alone(source).python == source
    assert alone(source).magics == ()
