"""What passes from one process to the next must be what it was, or the processes are joined."""

import json
import re
from pathlib import Path

import pytest
from runtime_projects import MakeProject, Project

# name: (a stage that makes something, a later stage that looks at it)
CARRIED = {
    "alias": ("a1 = [1]; b1 = a1", "b1.append(2); print(a1, a1 is b1)"),
    "one number": ("big1 = 10**12; big2 = big1; part1 = part2 = 2.5", "print(big1 is big2, part1 is part2)"),
    "number in a container": (
        "part3 = 2.5 * 3; rows3 = [(part3, 1)]; text3 = ' '.join('ab'); more3 = {'k': text3}",
        "print(rows3[0][0] is part3, more3['k'] is text3)",
    ),
    "current context": (
        "import decimal; own = decimal.Context(prec=3); decimal.setcontext(own)",
        "own.prec = 5; print(decimal.Decimal(2) / 3, decimal.getcontext() is own)",
    ),
    "element": ("rows = [[1], [2]]; second = rows[1]", "second.append(3); print(rows)"),
    "circle": ("ring = [1]; ring.append(ring)", "print(ring[1] is ring)"),
    "nan": ("n1 = float('nan'); many = [n1, 1.0]", "print(n1 in many, many.index(n1))"),
    "numpy nan": ("import numpy; n2 = [numpy.nan]", "print(numpy.nan in n2)"),
    "set order": ("s1 = {f'word{n}' for n in range(50)}; o1 = list(s1)", "print(list(s1) == o1)"),
    "view": ("import numpy; base = numpy.arange(6); part = base[1::2]", "part[:] = 0; print(base)"),
    "turned view": (
        "import numpy; grid = numpy.arange(6).reshape(2, 3); turned = grid.T",
        "turned[2, 0] = 9; print(grid, turned.flags.f_contiguous)",
    ),
    "view of objects": (
        "import numpy; cells = numpy.array([1, 'a', None], object); some = cells[1:]",
        "some[0] = 'b'; print(cells)",
    ),
    "read-only": (
        "import numpy; fixed = numpy.ones(2); fixed.flags.writeable = False",
        "print(fixed.flags.writeable)",
    ),
    "memory order": (
        "import numpy; k = numpy.arange(24).reshape(2, 3, 4).transpose(1, 2, 0).copy(order='K')",
        "print(k.strides, k.flags.owndata, k[1, 2, 0])",
    ),
    "masked": (
        "import numpy; m = numpy.ma.masked_array([1, 2, 3], [0, 1, 0]); mm = m.mask",
        "print(m, mm, m.fill_value)",
    ),
    "structured": (
        "import numpy; rec = numpy.zeros(2, [('a', int), ('b', float)]); col = rec['b']",
        "col[:] = 1.5; print(rec)",
    ),
    "counter": ("import itertools; ids = itertools.count(3); next(ids)", "print(next(ids))"),
    "view of a column": (
        "import numpy, pandas; t = pandas.DataFrame({'a': [1.0, 2.0, 3.0]}); c = t.iloc[:, :1].values",
        "c[0] = 9; print(c.tolist(), t.a.tolist())",
    ),
    "column of text in a view": (
        "import pandas; t = pandas.DataFrame({'a': [1]}, index=['x']); t.loc['y'] = 3; t.loc[t.a > 2, 'b'] = 'yes'",
        "t.iloc[0, 0] = -1; print(t.to_dict())",
    ),
    "frame in a list": (
        "import pandas; f1 = pandas.DataFrame({'a': [1, 2]}); both = [f1]",
        "both[0]['b'] = 3; print(list(f1.columns))",
    ),
    "frame sharing an index": (
        "import pandas; f2 = pandas.DataFrame({'a': [1.0, None]}, index=['x', 'y']); i2 = f2.index",
        "print(i2 is f2.index, f2.isna().sum().a)",
    ),
    "closure": (
        (
            "def outer():\n    n = 0\n    def up():\n        nonlocal n\n        n += 1\n        return n\n"
            "    def get():\n        return n\n    return up, get\nup, get = outer(); up()"
        ),
        "up(); print(get(), up.__qualname__, up.__module__)",
    ),
    "recursive closure": (
        "def fact():\n    def go(n):\n        return 1 if n < 2 else n * go(n - 1)\n    return go\ngo = fact()",
        "print(go(5))",
    ),
    "late binding": ("scale = 2\ndef grow(v):\n    return v * scale", "scale = 5; print(grow(3))"),
    "lambda in an estimator": (
        (
            "import numpy as np\nfrom sklearn.preprocessing import FunctionTransformer\n"
            "t = FunctionTransformer(lambda v: v + 1)"
        ),
        "print(t.fit_transform(np.ones((1, 1))))",
    ),
    "default value": (
        "def note(v, seen=[]):\n    seen.append(v)\n    return seen\nnote(1)",
        "print(note(2))",
    ),
    "function attribute": ("def tagged(): pass\ntagged.count = 3", "print(tagged.count)"),
    "source": ("import inspect\ndef shown():\n    return 'text'", "print(inspect.getsource(shown))"),
    "bound method": ("box = [3, 1]; put = box.append", "put(2); print(box)"),
    "module": ("import math as m1; where = [m1]", "print(where[0] is m1, m1.pi)"),
    "library object": ("from scipy import stats; dist = [stats.norm]", "print(dist[0] is stats.norm)"),
    "global generator": (
        "import numpy as np; draw = np.random.normal; np.random.seed(3)",
        "print(round(draw(), 6))",
    ),
    "random": ("import random; random.seed(1); random.random()", "print(random.random())"),
    "own generator": ("import numpy; rng = numpy.random.default_rng(5); rng.random()", "print(rng.random())"),
    "text buffer": ("import io; buf = io.StringIO('one\\ntwo\\n'); buf.readline()", "print(buf.readline())"),
    "folder": (
        "import os; os.makedirs('sub', exist_ok=True); os.chdir('sub')",
        "print(os.path.basename(os.getcwd()))",
    ),
    "environment": (
        "os.environ['DEMO'] = 'x'; os.putenv('DEMO2', 'y')",
        "print(os.popen('echo $DEMO $DEMO2').read())",
    ),
    "decimal": ("import decimal; decimal.getcontext().prec = 5", "print(decimal.Decimal(1) / 3)"),
    "numpy options": ("import numpy; numpy.set_printoptions(precision=2)", "print(numpy.array([1.23456]))"),
    "pandas options": (
        "import pandas; pandas.set_option('display.max_rows', 7)",
        "print(pandas.get_option('display.max_rows'), pandas.get_option('display.max_columns'))",
    ),
    "logging": (
        (
            "import logging, sys; log = logging.getLogger('demo')\n"
            "log.addHandler(logging.StreamHandler(sys.stdout)); log.setLevel('INFO')"
        ),
        "log.info('told')",
    ),
    "warnings": (
        "import warnings; warnings.simplefilter('error', UserWarning)",
        "print(warnings.filters[0][0])",
    ),
    "csv": (
        "import csv; csv.register_dialect('bar', delimiter='|')",
        "print(csv.get_dialect('bar').delimiter)",
    ),
    "calendar": ("import calendar; calendar.setfirstweekday(6)", "print(calendar.weekheader(2))"),
    "module attribute": ("import math; math.answer = 42", "print(math.answer)"),
    "method put into a class": (
        "import fractions; fractions.Fraction.twice = lambda self: self * 2",
        "print(fractions.Fraction(1, 2).twice())",
    ),
    "current figure": (
        "import matplotlib.pyplot as plt; fig = plt.figure(7); ax = fig.gca(); plt.figure(3); plt.figure(7)",
        "print(plt.get_fignums(), plt.gcf().number, plt.gcf() is fig, plt.gca() is ax)",
    ),
    "rcParams": (
        "import matplotlib.pyplot as plt; plt.rcParams['lines.linewidth'] = 4",
        "print(plt.rcParams['lines.linewidth'])",
    ),
    "name of the module": (
        "class_of = type(lambda: 0)",
        "print(__name__, class_of.__name__, '__file__' in globals())",
    ),
}
# A stage that makes what cannot be stored: the next one joins it.
JOINED = {
    "temporary folder": (
        "import tempfile, os; tmp = tempfile.TemporaryDirectory()",
        "print(os.path.isdir(tmp.name))",
    ),
    "generator": ("gen = (n for n in range(3)); next(gen)", "print(list(gen))"),
    "iterator": ("walk = iter([1, 2, 3]); next(walk)", "print(list(walk))"),
    "open file": (
        "file = open('kept.txt', 'w'); file.write('a')",
        "file.write('b'); file.close(); print(open('kept.txt').read())",
    ),
    "class of a stage": ("class Point:\n    x = 1\np = Point()", "Point.x = 2; print(p.x)"),
    "lock": ("import threading; lock = threading.Lock(); lock.acquire()", "print(lock.locked())"),
    "cache": (
        "import functools\n@functools.lru_cache\ndef slow(n):\n    print('once')\n    return n\nslow(1)",
        "slow(1); print(slow.cache_info().hits)",
    ),
    "traceback": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    kept = e",
        "print(kept.__traceback__ is None)",
    ),
    "memory map": (
        "import numpy; mapped = numpy.memmap('mapped.bin', 'u1', 'w+', shape=(2,))",
        "mapped[:] = 7; mapped.flush(); print(open('mapped.bin', 'rb').read())",
    ),
    "set by address": ("things = {object(), object()}; order = list(things)", "print(list(things) == order)"),
    "set that shrank": (
        "s2 = set(range(0, 4000, 7)); [s2.remove(n) for n in list(s2)[4:]]",
        "s2.update(range(900, 910)); print(len(s2))",
    ),
    "weak reference": ("import weakref\nh = {1}\nr = weakref.ref(h)", "print(r() is h)"),
    "database": (
        "import sqlite3; db = sqlite3.connect(':memory:'); db.execute('create table t (a)')",
        "print(db.execute('select count(*) from t').fetchone())",
    ),
    "running thread": (
        (
            "import threading\ndone = threading.Event()\ndef wait():\n    done.wait()\n    print('thread')\n"
            "thread = threading.Thread(target=wait); thread.start()"
        ),
        "done.set(); thread.join()",
    ),
    "replaced stdout": (
        "import io, sys\nreal, sys.stdout = sys.stdout, io.StringIO()",
        "print('kept'); text = sys.stdout.getvalue(); sys.stdout = real; print(text)",
    ),
    "registered callback": (
        "import codecs\ncodecs.register_error('demo', lambda e: ('?', e.end))",
        "print('é'.encode('ascii', 'demo'))",
    ),
}


def names_in(*texts: str) -> list[str]:
    """All names that the code mentions."""
    return sorted({name for text in texts for name in re.findall(r"[A-Za-z_]\w*", text)})


def joined(project: Project) -> list[str]:
    """Why stages of the isolated run shared a process."""
    record = next(Path(project.folder).glob("runs/*/run.json"))
    return [one["joined"] for one in json.loads(record.read_text())["stages"] if "joined" in one]


def runs_alike(project: Project, **environment: str) -> str:
    """The text that both ways of running print."""
    plain, isolated = (project.run("run", *flags, **environment) for flags in ((), ("--isolated",)))
    assert plain.returncode == 0, plain.stderr
    assert isolated.returncode == 0, isolated.stderr
    assert isolated.stdout == plain.stdout
    return plain.stdout


@pytest.mark.parametrize("name", JOINED)
def test_what_cannot_be_stored_joins_the_stages(scripts: MakeProject, name: str) -> None:
    make, look = JOINED[name]
    project = scripts(make, look, names=names_in(make, look))
    runs_alike(project)
    assert len(joined(project)) == 1


def test_figures_go_by_the_name_of_a_kernels_backend(scripts: MakeProject) -> None:
    draw = "import matplotlib.pyplot as plt; plt.plot([1]); print(plt.get_backend())"
    project = scripts(draw, "print(plt.get_fignums())", names=["plt"])
    assert runs_alike(project, MPLBACKEND="") == "module://matplotlib_inline.backend_inline\n[]\n"


CLASSES = """
import enum
from dataclasses import dataclass, field
from typing import NamedTuple


class Counter:
    made = 0
    everyone = []

    def __init__(self):
        type(self).made += 1
        self.everyone.append(self)


class Loud:
    @property
    def shape(self):
        print("asked for its shape")
        return (1,)


@dataclass
class Row:
    n: int
    tags: list = field(default_factory=list)


class Pair(NamedTuple):
    a: int
    b: int


class Color(enum.Enum):
    RED = 1


def note(value, seen=[]):
    seen.append(value)
    return seen
"""


def test_definitions_keep_their_state(scripts: MakeProject) -> None:
    first = (
        "one = Counter(); two = Counter(); row = Row(1, ['t']); pair = Pair(1, 2); color = Color.RED\n"
        "loud = Loud(); note(1); note.calls = 1; Row.extra = 'put in'; Counter.show = lambda self: 'shown'"
    )
    second = (
        "print(Counter.made, Counter.everyone == [one, two], Counter.everyone[1] is two, one.show())\n"
        "print(type(loud).__name__, row, pair, color is Color.RED, Row.extra, type(row), note(2), note.calls)"
    )
    definitions = ["Counter", "Loud", "Row", "Pair", "Color", "note"]
    project = scripts(
        first, second, names=names_in(first, second), functions=CLASSES, definitions=definitions
    )
    assert "Counter" not in runs_alike(project).replace("__main__.", "")
    assert joined(project) == []
