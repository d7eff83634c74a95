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
    ],
)
def test_import_waits_for_what_decides_it(cells: tuple[str, ...], early: set[str]) -> None:
    assert set(plan(facts_of(*cells)).imports) == early
