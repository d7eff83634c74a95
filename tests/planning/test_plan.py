"""What becomes of a notebook's cells: stages, interfaces, definitions, parameters, and the rung."""

import pytest
from notebook_files import facts_of

from nb2pipe.errors import RefusedError
from nb2pipe.planning import Plan, Wish, plan


def staged(*cells: str) -> Plan:
    """The plan with a cut before every cell but the first, as far as the meaning allows."""
    facts = facts_of(*cells)
    return plan(facts, Wish(cuts=tuple(cell.number for cell in facts.cells), parameters=False))


@pytest.mark.parametrize(
    ("cells", "inputs"),
    [
        (("a = 1", "b = a", "print(b)"), [(), ("a",), ("b",)]),
        (("a = 1", "a = 2\nprint(a)"), [(), ()]),
        (("a = [1]", "a.append(2)", "print(a)"), [(), ("a",), ("a",)]),
        (("x = 1", "del x"), [(), ("x",)]),
        (("import math\nr = 2", "print(math.pi * r)"), [(), ("r",)]),
        (("n = 1", "def f(v):\n    return v + n", "print(f(2))"), [(), (), ("n",)]),
        (("total = 0", "for k in range(3):\n    total += k", "print(total)"), [(), ("total",), ("total",)]),
        (("n = 3", "q = [n for n in range(n)]", "print(n, q)"), [(), ("n",), ("n", "q")]),
        (("n = 3", "class A:\n    q = [n for _ in 'ab']", "print(A)"), [(), ("n",), ("A",)]),
        # The block may end before it binds anything.
        (("a = 1", "with guard():\n    a = 2", "print(a)"), [(), ("a",), ("a",)]),
        (("a = 1", "while True:\n    if q():\n        break\n    a = 2", "print(a)"), [(), ("a",), ("a",)]),
        (("top = 1", 'df.query("a > @top")'), [(), ("top",)]),
        (("top = 1\nq = 'a > @top'", "df.query(q)"), [(), ("q", "top")]),
        (("def f(v):\n    return v\nq = ['f(x)']", "ols('y ~' + q[0], df)"), [(), ("q",)]),
    ],
)
def test_stage_takes_what_it_reads_and_was_bound_before(
    cells: tuple[str, ...], inputs: list[tuple[str, ...]]
) -> None:
    assert [tuple(sorted(stage.inputs)) for stage in staged(*cells).stages] == inputs


@pytest.mark.parametrize(
    ("cells", "outputs"),
    [
        (("a = 1\nunused = 2", "print(a)"), ("a",)),
        (("a = 1", "b = 2", "print(a, b)"), ("a",)),
        (("_, a = 1, 2", "print(a)"), ("a",)),
    ],
)
def test_stage_hands_on_what_is_needed_later(cells: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    assert staged(*cells).stages[0].outputs == outputs


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (("f = lambda: k\nk = 1", "k = 2", "print(f())"), "sees `k` change"),
        (("import os\nif os.sep == '/':\n    x = 1", "print(x)"), "one branch only"),
        (("def f():\n    return k\ng = f", "k = 1", "print(g())"), "sees `k` change"),
        (("k = 1\ndef f(a=[]):\n    return k", "k = 2", "f()"), "sees `k` change"),
        (("k = 1\ndef f(a=[]):\n    return k\nh = lambda: f()", "k = 2", "h()"), "sees `k` change"),
        (
            ("k = 1\ndef f(a=[]):\n    return k\ndef h(a=[]):\n    return f()", "k = 2", "h()"),
            "sees `k` change",
        ),
        (("k = 1\nd = dict(f=lambda: k)", "k = 2", "print(d['f']())"), "sees `k` change"),
        (("k = 1\nd = list([lambda: k])", "k = 2", "print(d[0]())"), "sees `k` change"),
        (("x = 1", "if q():\n    del x", "print(x)"), "one branch only"),
        (("with suppress(KeyError):\n    x = {}[1]", "print(x)"), "one branch only"),
        (("for x in rows():\n    y = x", "if rows():\n    print(y)"), "loop is empty"),
    ],
)
def test_cut_that_would_change_the_meaning_is_refused(cells: tuple[str, ...], reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        staged(*cells)


_CONFIG = """import random
from dataclasses import dataclass
@dataclass
class Config:
    seed: object = {}"""


@pytest.mark.parametrize(
    "cells",
    [
        ("k = 1\ndef f(a=[]):\n    return k\nf()", "k = 2", "print(k)"),  # not called any more
        ("k = 1\ndef f(a=[]):\n    return k", "f()", "k = 2\nprint(k)"),
        ("k = 1\ndef f(a=[]):\n    return k", "f()", "k = 2\ndef f(a=[]):\n    return 3", "f()"),
        ("k = 1\ndef f(a=[]):\n    return k\ndef h(a=[]):\n    return f()\nh()", "k = 2", "print(k)"),
    ],
)
def test_function_sees_only_what_changes_before_its_last_call(cells: tuple[str, ...]) -> None:
    assert len(staged(*cells).stages) == len(cells)


@pytest.mark.parametrize(
    ("cells", "passes"),
    [
        (("def f(v):\n    return v + 1", "f(1)"), {"f": ()}),
        (("k = [1]", "def f(v):\n    return v + k", "f(1)"), {"f": ("k",)}),
        (
            ("k = [1]", "def f():\n    return k", "def g():\n    return f()", "g()"),
            {"f": ("k",), "g": ("k",)},
        ),
        (("k = [1]", "def f():\n    return k", "call = f"), {}),  # used as a value: no call to pass it in
        (("k = 1", "def f():\n    return lambda: k", "h = f()", "k = 2"), {}),  # reads k after it returned
        (("def f(v, seen=[]):\n    return seen", "f(1)"), {}),  # the default is state
        (("def f():\n    return 1", "def f():\n    return 2"), {}),  # defined twice
        (("class A:\n    n = 1", "A()"), {"A": ()}),
        (
            ("class P(complex):\n    x = property(lambda p: p.real)\n    y = lambda p: p.imag", "P(1)"),
            {"P": ()},
        ),
        (("class P:\n    seen = []\n    x = property(lambda p, s=seen: s)", "P()"), {}),
        # Names of types are definitions too.
        (("V = list\ndef f(v) -> V:\n    return V(v)", "f(1)"), {"V": (), "f": ()}),
        (("from collections import namedtuple as nt\nP = nt('P', 'x y')", "P(1, 2)"), {"P": ()}),
        (("from typing import Dict\nV = list[int]\nW = Dict[str, V] | None", "W"), {"V": (), "W": ()}),
        (("from enum import Enum\nE = Enum('E', names())", "E"), {}),
        (("n = str\nn = int", "n(1)"), {}),
        (("from collections import namedtuple\nP = namedtuple('P', 'x')\nP.y = 1", "P(1)"), {}),
        # Made at another moment, it would be another value.
        (("import math\nmath.pi = 3", "def f(x=math.pi):\n    return x", "f()"), {}),
        ((_CONFIG.format("random.random()"), "Config()"), {}),
        ((_CONFIG.format("random.Random"), "Config()"), {"Config": ()}),
        (("import enum", "class E(enum.Enum):\n    A = 1\n    def __init__(self, v):\n        print(v)"), {}),
        # No call can hand over what perhaps is not bound.
        (("if q():\n    k = [1]", "def f():\n    return k", "f()"), {}),
        (("print(pow(2, 5))", "def f(v):\n    return pow(v, 2)", "f(2)", "from math import pow"), {}),
        # What an f-string shows of itself stays as it is written.
        (("k = [1]", "def f():\n    return k", "print(f'{f()=}')"), {}),
        (("k = [1]", "def f():\n    return k", "print(f'k={f()}')"), {"f": ("k",)}),
    ],
)
def test_definitions_that_stand_once(cells: tuple[str, ...], passes: dict[str, tuple[str, ...]]) -> None:
    assert {one.name: one.passes for one in plan(facts_of(*cells)).definitions} == passes


@pytest.mark.parametrize(
    ("cells", "parameters"),
    [
        (("SIZE = 0.25", "print(SIZE)"), {"SIZE": 0.25}),
        (("LOW = -1", "print(LOW)"), {"LOW": -1}),
        (("SIZE = 1", "SIZE = 2"), {}),  # bound twice
        (("size = 3", "print(size)"), {}),
        (("test_size = 0.2\nurl = 'x.csv'", "print(test_size, url)"), {"test_size": 0.2, "url": "x.csv"}),
        (("seed = 1", "seed += 1"), {}),
        (("#tags parameters\nsize = 3", "print(size)"), {"size": 3}),
        (("depth = 3  #@param {type: 'integer'}", "print(depth)"), {"depth": 3}),
        (("import pandas as pd\nd = pd.read_csv('a/b.csv')",), {"b_csv": "a/b.csv"}),
        (("import pandas as pd\nd = pd.read_csv('a.csv')", "d.to_csv('a.csv')"), {}),  # also written
        (("del SIZE\nSIZE = 1",), {}),
    ],
)
def test_literals_that_become_parameters(cells: tuple[str, ...], parameters: dict[str, object]) -> None:
    assert {one.name: one.value for one in plan(facts_of(*cells)).parameters} == parameters


@pytest.mark.parametrize(
    ("cells", "ipython"),
    [
        (("x = 1", "print(globals()['x'])"), False),
        (("def f():\n    pass", "print('f' in globals())"), False),
        (("x = 1", "print('x' not in dir(), 'x' in vars())"), False),
        (("def f():\n    global x\n    x = 1", "f()"), False),
        (("x = 1", "from math import *", "print(x)"), False),  # may rebind x
        (("import math\nfrom math import pi\nmath.pi = 3", "print(pi)"), False),
        (("sum = 3", "del sum", "print(sum([1]))"), False),
        (("class A:\n    def __del__(self):\n        print('x')", "a = A()"), False),
        (("1 + 1", "print(_)"), True),
        (("import sys\nprint('ipykernel' in sys.modules)", "x = 1"), True),
        (("import builtins", "print(hasattr(builtins, '__IPYTHON__'))"), True),
        (("import sys\nprint('json' in sys.modules)", "import json"), False),
        (("import inspect", "print(inspect.stack()[0].function)"), False),
        (("import dis", "dis.dis(lambda: 1)"), True),
        (("from dis import dis", "dis(lambda: 1)"), True),
        (("import builtins", "builtins.print = str"), False),
        (("#tags raises-exception\n1 / 0", "print(1)"), True),
    ],
)
def test_notebook_that_must_stay_whole(cells: tuple[str, ...], *, ipython: bool) -> None:
    (stage,) = plan(facts_of(*cells)).stages
    assert (stage.kind, stage.ipython) == ("script", ipython)
    assert stage.why_script


@pytest.mark.parametrize(
    ("cells", "kinds"),
    [
        (("x = 1", "%%unknown\nx", "print(1)"), ["function", "ipython", "function"]),
        (
            ("x = 1", "f = lambda: x\n%unknown", "x = 2", "print(x)"),
            ["function", "ipython", "ipython", "function"],
        ),
        (("x = 1", "class A:\n    n = [x]", "a = A()"), ["function", "script", "function"]),
        (("x = 1", "def f():\n    return locals()", "f()"), ["function"] * 3),
        (("x = [1]", "def f():\n    return x, vars()", "print(f())"), ["function", "script", "function"]),
        (("n = sum([1])", "sum = 3", "print(sum)"), ["function"] * 3),
        (("n = 2", "n = sum([1])\nsum = 3", "print(sum)"), ["function", "script", "function"]),
        (("from math import *", "print(pi)"), ["function"] * 2),
        (("import math\nmath.pi = 3", "print(math.pi)"), ["function"] * 2),
        (("x = 1", "%timeit x", "print(x)"), ["function"] * 3),
    ],
)
def test_rung_of_each_cell(cells: tuple[str, ...], kinds: list[str]) -> None:
    stages = plan(facts_of(*cells), Wish(parameters=False)).stages
    rungs = {number: "ipython" if one.ipython else one.kind for one in stages for number in one.cells}
    assert [rungs[number] for number in sorted(rungs)] == kinds


def test_builtin_and_variable_of_one_name_stand_in_two_stages() -> None:
    stages = plan(facts_of("n = sum([1])\nprint(n)", "sum = 3\nprint(sum)")).stages
    assert [stage.cells for stage in stages] == [(1,), (2,)]


def test_what_functions_of_scripts_read_later_is_held() -> None:
    facts = facts_of("import math\nk = 2", "%unknown\nf = lambda: math.pi * k", "print(f())")
    assert plan(facts).held == ("k", "math")


def test_cell_that_is_no_python_is_refused_with_its_place() -> None:
    with pytest.raises(RefusedError, match=r"cell 2, line 2"):
        plan(facts_of("x = 1", "y = 2\nz = = 3"))
    assert plan(facts_of("x = 1", "z = = 3"), Wish(skip_cells=frozenset({2}))).stages


def test_headings_name_the_stages() -> None:
    cells = [
        text for i in range(4) for text in (f"#md ## Step {i} of 3!", f"a{i} = {i}\nprint(a{i})\nb{i} = a{i}")
    ]
    names = [stage.name for stage in plan(facts_of(*cells)).stages]
    assert names[0] == "step_0_of_3"
    assert len(set(names)) == len(names)


def test_cells_run_in_the_order_of_the_facts() -> None:
    facts = facts_of("print(total)", "total = sum(items)", "items = [1, 2]").in_order(
        (3, 2, 1), "it reads first"
    )
    found = plan(facts)
    assert [number for stage in found.stages for number in stage.cells] == [3, 2, 1]
    assert found.notes[0] == "the cells run in the order 3, 2, 1: it reads first"


@pytest.mark.parametrize(
    ("cells", "outputs"),
    [
        (("a = [1]", "a.append(2)", "print(a)"), ("a",)),
        (("a = [1]\nb = [a]", "b[0].append(2)", "print(a, b)"), ("b",)),
        (("a = [1]", "print(len(a))", "print(a)"), ()),
        (("a = [1]", "a.append(2)", "b = 1"), ()),  # nobody looks at it later
        (("a = [1]", "a.append(2)\ndel a", "b = 1"), ()),
    ],
)
def test_stage_returns_what_it_changes_in_place(cells: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    assert staged(*cells).stages[1].outputs == outputs


@pytest.mark.parametrize(
    ("cells", "annotations", "returns"),
    [
        (("import pandas as pd\nd = pd.read_csv('a.csv')", "print(d)"), {"d": "pd.DataFrame"}, "None"),
        (
            ("import pandas\nd = pandas.read_csv('a.csv')", "n = d.a", "n"),
            {"d": "pandas.DataFrame"},
            "pandas.Series",
        ),
        (("k = 3\nx = [k]", "y = [x]", "print(y)"), {"x": "list"}, "list"),
        (("import unknown\nx = unknown.load()", "print(x)"), {}, "None"),
        (("from pandas import read_csv\nd = read_csv('a')", "d", "import pandas as pd"), {}, "None"),
        (("import pandas as pd\nd = []\nif d:\n    d = pd.DataFrame()", "print(d)"), {}, "None"),
    ],
)
def test_types_where_they_are_sure(cells: tuple[str, ...], annotations: dict[str, str], returns: str) -> None:
    stage = staged(*cells).stages[1]
    assert (dict(stage.annotations), stage.returns) == (annotations, returns)


def test_fitted_estimators_are_results() -> None:
    cells = (
        "X, y = [[1], [2]], [0, 1]",
        "m = SVC()\nm.fit(X, y)",
        "if y:\n    n = SVC().fit(X, y)",
        "print(1)",
    )
    stages = staged("from sklearn.svm import SVC", *cells).stages
    assert [stage.outputs for stage in stages[2:]] == [("m",), (), ()]
