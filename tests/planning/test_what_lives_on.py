"""What must outlive its stage, and what must wait for another one."""

import pytest
from notebook_files import facts_of

from nb2pipe.planning import Plan, Wish, plan


def staged(*cells: str) -> Plan:
    """The plan with a cut before every cell but the first."""
    facts = facts_of(*cells)
    return plan(facts, Wish(cuts=tuple(cell.number for cell in facts.cells), parameters=False))


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("f = open('a', 'w')", ("f",)),
        ("f = open('a')", ()),
        ("with open('a', 'w') as f:\n    f.write('x')", ()),
        ("f = open('a', 'w')\nf.close()", ()),
        ("from pathlib import Path\nf = Path('a').open(mode='a')", ("f",)),
        ("import tempfile\nt = tempfile.TemporaryDirectory()\np = t.name", ("t",)),
        ("import csv\nw = csv.writer(open('a', 'w'))", ("w",)),
        ("def save():\n    f = open('a', 'w')\n    return f", ()),
        ("def start():\n    return open('a', 'w')\nlog = start()", ("log",)),
        ("def save():\n    with open('a', 'w') as f:\n        f.write('x')\n    return 1\nn = save()", ()),
        ("import zipfile\nz = zipfile.ZipFile('a.zip')", ()),
    ],
)
def test_what_acts_when_dropped_is_kept(cell: str, names: tuple[str, ...]) -> None:
    found = staged(cell, "print(1)")
    assert found.kept_open == names
    assert set(names) <= set(found.stages[0].outputs)


@pytest.mark.parametrize(
    ("cells", "early"),
    [
        (("import os\nos.environ['MPLBACKEND'] = 'svg'", "import matplotlib"), {"os"}),
        (("import os\nos.environ['MODE'] = 'fast'", "import matplotlib"), {"os", "matplotlib"}),
        (("import sys\nsys.path.append('lib')", "import helpers"), {"sys"}),
        (("import math\nprint(1)", "import this"), {"math"}),
        (("def f(v):\n    return pow(v, 2)\nprint(f(2))", "from math import pow\nprint(f(2))"), set()),
    ],
)
def test_import_waits_for_what_decides_it(cells: tuple[str, ...], early: set[str]) -> None:
    assert set(plan(facts_of(*cells)).imports) == early


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("seen = {id(x): x}", "id()"),
        ("k = id(x) in seen", "id()"),
        ("xs.sort(key=id)", "id()"),
        ("print(id(x), id(x) == id(y), f'{id(x)}')", ""),
        ("id = 3\nprint(id + 1)", ""),
        ("class A:\n    pass\nseen[hash(A())] = 1", "hash()"),
        ("seen[hash('a')] = 1", ""),
        ("import sys\nprint(sys.getsizeof(x))", "getsizeof"),
    ],
)
def test_what_only_one_process_can_answer(cell: str, why: str) -> None:
    found = staged("x, y, xs, seen = [], [], [], {}", cell).one_process
    assert why in found if why else not found


@pytest.mark.parametrize(
    ("cells", "scripts"),
    [
        (("try:\n    print(x)\nexcept Exception as e:\n    print(e)", "x = 1"), [1]),
        (("x = 1", "try:\n    print(x)\nexcept Exception as e:\n    print(e)"), []),
        (("x = 1\ndel x", "try:\n    x += 1\nexcept Exception as e:\n    print(e)\nx = 2"), [2]),
        (("def f():\n    return k\ntry:\n    f()\nexcept Exception as e:\n    print(e)", "k = 1"), [1]),
    ],
)
def test_cells_that_try_a_name_are_scripts(cells: tuple[str, ...], scripts: list[int]) -> None:
    found = plan(facts_of(*cells)).stages
    assert [number for stage in found if stage.kind == "script" for number in stage.cells] == scripts


def test_name_of_a_loop_that_may_be_empty_passes_through() -> None:
    stages = staged(
        "rows = []", "for row in rows:\n    last = row", "for row in rows:\n    last = 2", "print(last)"
    ).stages
    assert [stage.perhaps for stage in stages] == [(), (), ("last",), ()]
