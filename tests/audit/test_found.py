"""Which faults are found, and what resembles them: one line a class of code."""

import pytest
from audit_examples import cells, findings

from nb2pipe.audit.model import cells as example_cells

DF = "import pandas as pd\nd = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})"
NP = "import numpy as np\nx = np.arange(6.)"
XY = "import numpy as np\nX = np.arange(40.).reshape(20, 2)\ny = np.arange(20) % 2"
SPLIT = "from sklearn.model_selection import train_test_split\nX_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)"
CSV = "import pandas as pd\nd = pd.read_csv('a.csv')"
NEAREST = "from sklearn.neighbors import KNeighborsClassifier\n"
SCORE = "KNeighborsClassifier(k).fit(X_train, y_train).score(X_test, y_test)"

FAULTS = [
    # order
    ("undefined-name", 2, "k", (DF, "d.eval('a * @k')")),
    ("possibly-undefined-name", 2, "row", ("for row in open('a.txt'):\n    pass", "print(row)")),
    ("undefined-name", 2, "k", ("def f():\n    return k", "f()")),
    ("missing-import", 2, "np", ("def f():\n    return np.pi", "f()")),
    # a cell that changes its own input
    ("rerun-changes-result", 2, "d", (DF, "d.rename(columns=lambda c: 'x_' + c, inplace=True)")),
    ("rerun-changes-result", 2, "d", (DF, "d = d.assign(a=lambda t: t.a / 2)")),
    (
        "rerun-changes-result",
        2,
        "p",
        ("import polars as pl\np = pl.DataFrame({'a': [1]})", "p = p.with_columns(pl.col('a') * 2)"),
    ),
    ("rerun-changes-result", 2, "w", ("w = ['a']", "w = ['b', *w]")),
    ("rerun-changes-result", 2, "w", ("w = [1, 2]", "w[0] = w[0] * 2")),
    ("rerun-changes-result", 2, "s", ("s = {'a': 1}", "s = {k: v * 2 for k, v in s.items()}")),
    (
        "rerun-changes-result",
        2,
        "x",
        (
            NP + "\nfrom sklearn.preprocessing import StandardScaler\nc = StandardScaler().fit([[1]])",
            "x = c.transform(x)",
        ),
    ),
    ("rerun-changes-result", 2, "d", (DF, "d = d.T")),
    ("rerun-changes-result", 2, "d", (DF, "d.loc[len(d)] = [5, 6]")),
    ("rerun-changes-result", 2, "d", (DF, "d['a'] = d['a'].shift(1)")),
    ("rerun-changes-result", 2, "d", (DF, "d['a'] = d['a'].apply(lambda v: f'{v} EUR')")),
    ("rerun-changes-result", 2, "d", (DF, "t = d.drop(columns='a')\nd = t")),
    ("rerun-changes-result", 2, "d", (DF, "d = d.dropna()\nd['a'] = d['a'] * 2")),
    ("rerun-changes-result", 2, "d", (DF, "d = d['a']")),
    ("rerun-changes-result", 2, "d", (DF, "d = d.drop(d.columns[0], axis=1)")),
    ("rerun-changes-result", 2, "x", (NP, "x = x[1:]")),
    ("rerun-changes-result", 2, "x", (NP, "x = np.c_[np.ones(6), x]")),
    ("rerun-changes-result", 2, "x", (NP, "def half(v):\n    return v / 2\nx = half(x)")),
    ("rerun-changes-result", 2, "n", ("n = 0", "for v in (1, 2):\n    n += v")),
    ("rerun-changes-result", 2, "t", ("t = 'a b'", "t = t.split()")),
    ("rerun-changes-result", 2, "w", ("w = ['a']", "w = [f'x_{v}' for v in w]")),
    ("rerun-changes-result", 2, "c", ("from collections import Counter\nc = Counter('a')", "c.update('b')")),
    ("rerun-changes-result", 3, "s", ("s = {'n': 0}", "def add():\n    s['n'] += 1", "add()")),
    ("rerun-changes-result", 2, "x", (NP, "np.multiply(x, 2, out=x)")),
    ("mutates-earlier-value", 3, "d", (DF, "print(d.a.mean())", "d['a'] = d['a'].clip(0)", "print(d)")),
    # state
    ("redefines-function", 2, "f", ("def f():\n    return 1", "f = lambda: 2")),
    ("depends-on-leftover-state", 1, "m", ("if not 'm' in locals().keys():\n    m = 1",)),
    (
        "depends-on-leftover-state",
        1,
        "m",
        ("from contextlib import suppress\nwith suppress(NameError):\n    del m\nm = 3",),
    ),
    ("mutates-through-alias", 3, "c", ("b = {'a': {'k': 1}}", "c = dict(b)", "c['a']['k'] = 2", "print(b)")),
    ("mutates-through-alias", 3, "c", ("b = {'k': []}", "c = b.copy()", "c['k'].append(1)", "print(b)")),
    # files and the outside world
    (
        "reads-from-network",
        1,
        None,
        ("import pandas as pd\nfor n in (1, 2):\n    print(pd.read_csv(f'https://example.org/{n}.csv'))",),
    ),
    (
        "overwrites-input-file",
        2,
        None,
        (
            "with open('w.txt') as f:\n    w = f.read().split()",
            "with open('w.txt', 'w') as g:\n    for v in w:\n        print(v, file=g)",
        ),
    ),
    (
        "overwrites-input-file",
        2,
        None,
        ("import geopandas as gpd\ng = gpd.read_file('a.gpkg')", "g.to_crs(4326).to_file('a.gpkg')"),
    ),
    ("reads-from-network", 1, None, ("import fsspec\nf = fsspec.open('https://example.org/a.csv')",)),
    ("appends-to-file", 1, None, ("import logging\nlogging.basicConfig(filename='run.log')",)),
    (
        "appends-to-file",
        2,
        None,
        ("import sqlite3\nc = sqlite3.connect('a.db')", "c.execute('insert into t values (1)')"),
    ),
    ("reads-environment-variable", 1, None, ("import os\nprint(os.environ.copy())",)),
    ("reads-environment-variable", 1, None, ("import os\nos.environ",)),
    # chance and time
    ("unseeded-random", 1, None, ("from faker import Faker\nf = Faker()\nprint(f.name())",)),
    ("unseeded-estimator", 1, None, ("from sklearn.utils import shuffle\nx = shuffle([1, 2])",)),
    ("reads-clock", 1, None, ("import arrow\nt = arrow.utcnow()",)),
    ("depends-on-arbitrary-order", 1, None, ("import os\nw = [f for _, _, f in os.walk('d')]",)),
    ("depends-on-arbitrary-order", 1, None, ("first = next(iter({'a', 'b'}))",)),
    ("depends-on-arbitrary-order", 1, None, ("a, *b = {'x', 'y'}",)),
    ("depends-on-arbitrary-order", 1, None, ("k = {'a', 'b'}\nd = dict(zip(k, range(2)))",)),
    ("unseeded-random", 1, None, ("from scipy.stats import bernoulli\nx = bernoulli(0.3).rvs(5)",)),
    # the shell
    ("depends-on-shell", 1, "g", ("g = get_ipython().getoutput('ls')",)),
    ("interpolated-shell-command", 2, None, ("f = open('f').read()", "get_ipython().system(f'cat {f}')")),
    # portability
    ("absolute-path", 1, None, ("from pathlib import Path\np = Path('/home') / 'ann' / 'x.csv'",)),
    ("platform-only-code", 1, None, ("t = open('../input/a.csv')",)),
    ("missing-import", 1, "torch", ("t = torch.ones(1)",)),
    ("chained-assignment", 2, "d", (DF, "d['a'].update(d['b'])")),
    ("chained-assignment", 2, "d", (DF, "d[d.a > 1].b = 0")),
    ("absolute-path", 1, None, ("p = 'file:///home/ann/a.csv'",)),
    ("platform-only-code", 1, None, ("import sagemaker\nr = sagemaker.get_execution_role()",)),
    ("missing-import", 1, "SimpleImputer", ("print(SimpleImputer())",)),
    # data and leakage
    ("fit-before-split", 2, None, (XY, "X = (X - X.mean(axis=0)) / X.std(axis=0)", SPLIT)),
    (
        "fit-before-split",
        2,
        None,
        (CSV, "d['a'] = d['a'].fillna(d['a'].mean())", "X, y = d, d.a", SPLIT),
    ),
    (
        "fit-before-split",
        2,
        None,
        (
            XY,
            "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\nX = make_pipeline(StandardScaler()).fit_transform(X)",
            SPLIT,
        ),
    ),
    (
        "fit-on-test-data",
        3,
        None,
        (
            XY,
            SPLIT,
            "from sklearn.preprocessing import StandardScaler\nfor part in (X_train, X_test):\n    print(StandardScaler().fit_transform(part))",
        ),
    ),
    (
        "fit-on-test-data",
        3,
        None,
        (
            XY,
            SPLIT,
            "from sklearn.preprocessing import scale\nX_train, X_test = scale(X_train), scale(X_test)",
        ),
    ),
    (
        "fit-on-test-data",
        3,
        None,
        (
            XY,
            SPLIT,
            "from sklearn.preprocessing import StandardScaler\ns = StandardScaler().fit(np.vstack([X_train, X_test]))",
        ),
    ),
    ("target-in-features", 2, "X", (CSV, "X = d.values\ny = d.values[:, -1]", SPLIT)),
    ("target-in-features", 2, "X", (CSV, "X = d.loc[:, ['a', 'y']]\ny = d.loc[:, 'y']", SPLIT)),
    ("target-in-features", 2, "X", (CSV, "X = d.fillna(0)\ny = X['y']", SPLIT)),
    ("target-in-features", 2, "X", (CSV, "X = pd.get_dummies(d)\ny = d['y']", SPLIT)),
    (
        "tuned-on-test-data",
        3,
        None,
        (
            XY,
            SPLIT,
            f"import optuna\n{NEAREST}def goal(trial):\n    k = trial.suggest_int('k', 1, 9)\n    return {SCORE}\noptuna.create_study().optimize(goal)",
        ),
    ),
    (
        "tuned-on-test-data",
        3,
        None,
        (
            XY,
            SPLIT,
            "from xgboost import XGBClassifier\nm = XGBClassifier(early_stopping_rounds=5)\nm.fit(X_train, y_train, eval_set=[(X_test, y_test)])",
        ),
    ),
    (
        "overlapping-split",
        2,
        None,
        (CSV, "d = pd.concat([d, d[d['y'] == 1]])", "X, y = d, d.y", SPLIT),
    ),
    (
        "overlapping-split",
        3,
        None,
        (XY, "X_train, y_train = X[:15], y[:15]", "X_test, y_test = X[10:], y[10:]"),
    ),
    (
        "overlapping-split",
        3,
        None,
        (
            XY,
            "r = np.random.default_rng(0)\ni = r.choice(20, 15)",
            "j = r.choice(20, 5)\nX_train, X_test = X[i], X[j]",
        ),
    ),
    (
        "fit-before-split",
        2,
        None,
        (CSV, "d.fillna(d.mean(), inplace=True)", "X, y = d, d.a", SPLIT),
    ),
    (
        "fit-before-split",
        2,
        None,
        (CSV, "d['r'] = d['c'].map(d.groupby('c')['y'].mean())", "X, y = d, d.a", SPLIT),
    ),
    ("target-in-features", 2, "X", (CSV, "y = d.iloc[:, 4]\nX = d.iloc[:, 0:5]", SPLIT)),
    (
        "tuned-on-test-data",
        4,
        None,
        (
            XY,
            SPLIT,
            f"import pandas as pd\n{NEAREST}rows = []\nfor k in (1, 3):\n    rows.append({{'k': k, 's': {SCORE}}})\nt = pd.DataFrame(rows)",
            "best = t.sort_values('s').iloc[-1]['k']",
        ),
    ),
    ("overlapping-split", 2, None, (CSV, "d = pd.concat([d] * 3)", "X, y = d, d.y", SPLIT)),
    ("target-in-features", 2, "X", (CSV, "X = d[d.columns]\ny = d['y']", SPLIT)),
    ("target-in-features", 2, "X", (CSV, "X = d.assign(b=d.a ** 2)\ny = d['y']", SPLIT)),
    (
        "fit-before-split",
        2,
        None,
        (CSV, "d.fillna({'a': d.a.mean()}, inplace=True)", "X, y = d, d.a", SPLIT),
    ),
    ("overlapping-split", 2, None, (CSV, "train = d.sample(frac=0.8, random_state=1)\ntest = d")),
    (
        "tuned-on-test-data",
        3,
        None,
        (XY, SPLIT, f"{NEAREST}s = list(map(lambda k: {SCORE}, [1, 3]))\nbest = np.argmax(s)"),
    ),
    # conversion
    ("half-consumed-iterator", 3, "z", ("z = map(abs, [1])", "a, *b = z", "c = list(z)")),
    ("unpicklable-across-cells", 1, "c", ("from dask.distributed import Client\nc = Client()", "print(c)")),
    (
        "half-consumed-iterator",
        3,
        "c",
        ("import pandas as pd\nc = pd.read_csv('a.csv', chunksize=5)", "a = next(c)", "b = pd.concat(c)"),
    ),
    (
        "creates-names-dynamically",
        1,
        None,
        ("import sys\nm = sys.modules['__main__']\nsetattr(m, 'x', 1)", "print(x)"),
    ),
    ("half-consumed-iterator", 3, "z", ("z = filter(None, [1])", "a = [*z]", "b = list(z)")),
    (
        "half-consumed-iterator",
        3,
        "z",
        ("z = reversed(['a'])", "a = tuple(z)", "print(' '.join(map(str, z)))"),
    ),
    ("creates-names-dynamically", 1, None, ("import builtins\nbuiltins.n = 3",)),
    ("exits-kernel", 1, None, ("import os\nos.kill(os.getpid(), 9)",)),
    # secrets
    ("secret-in-source", 1, None, ("h = {'Authorization': 'Bearer 8f14e45fceea167a5a36dedd4bea2543'}",)),
    ("secret-in-source", 1, None, ("import wandb\nwandb.login(key='8f14e45fceea167a5a36dedd4bea2543')",)),
    ("secret-in-source", 1, None, ("api_key, n = '8f14e45fceea167a5a36dedd4bea2543', 1",)),
    ("secret-in-source", 1, None, ("def f(pwd='Winter2024!'):\n    return pwd",)),
    ("secret-in-source", 1, None, ("u = 'https://example.org/v1?apikey=8f14e45fceea167a5a36dedd4bea2543'",)),
    (
        "secret-in-source",
        1,
        None,
        ("import smtplib\ns = smtplib.SMTP('h')\ns.login('ann', 'Qw3rty!9')",),
    ),
    (
        "loads-untrusted-pickle",
        2,
        None,
        (
            "import boto3\nboto3.client('s3').download_file('b', 'k', 'm.pkl')",
            "import pickle\nm = pickle.load(open('m.pkl', 'rb'))",
        ),
    ),
    (
        "unverified-tls",
        1,
        None,
        ("from elasticsearch import Elasticsearch\ne = Elasticsearch('h', verify_certs=False)",),
    ),
    ("unverified-tls", 1, None, ("import os\nos.environ['PYTHONHTTPSVERIFY'] = '0'",)),
]
NEAR_MISSES = [
    ("function-reads-later-global", ("h = []\ndef f():\n    return n", "h.append(f)", "n = 3")),
    ("reads-later-cell", ("from contextlib import suppress\nwith suppress(NameError):\n    del m\nm = 3",)),
    ("possibly-undefined-name", ("for n in (1, 2):\n    pass", "print(n)")),
    ("rerun-changes-result", (DF, "d = d.drop(columns='a', errors='ignore')")),
    ("rerun-changes-result", (DF, "d = d.drop(d[d['a'] > 1].index)")),
    ("rerun-changes-result", (DF, "if 'a' in d:\n    d = d.drop(columns='a')")),
    ("rerun-changes-result", (DF, "d['a'] = d['a'].str.strip().str.lower()")),
    ("rerun-changes-result", (DF, "m = d['a'] * 2", "d['a'] = m")),
    ("rerun-changes-result", (DF, "n = 100", "k = n + 1\nn = 5\nprint(k)")),
    ("rerun-changes-result", (NP, "x = x / x.max()")),
    ("rerun-changes-result", (NP, "x = (x - x.mean()) / x.std()")),
    ("rerun-changes-result", (NP, "x -= x.mean()")),
    (
        "rerun-changes-result",
        (NP + "\ny = np.ones(3)", "m, s = x.mean(), x.std()\nx = (x - m) / s\ny = (y - m) / s"),
    ),
    ("rerun-changes-result", ("w = ['b']", "w = [v.strip() for v in w if v]")),
    ("rerun-changes-result", ("s = {1}", "s |= {2}")),
    ("rerun-changes-result", ("a, b = 1, 2\nc = [a, b]", "a = 3\nc = [a, b]")),
    ("stale-output", ("import json",)),
    ("depends-on-arbitrary-order", ("import os\nos.listdir('d')",)),
    (
        "tuned-on-test-data",
        (
            XY,
            SPLIT,
            "from sklearn.metrics import roc_curve\nfpr, tpr, t = roc_curve(y_test, X_test[:, 0])\ni = np.argmin(np.abs(t - 0.5))",
        ),
    ),
    ("undefined-name", ("globals().__setitem__('k', 3)", "print(k)")),
    ("depends-on-arbitrary-order", ("import os\nw = set(os.listdir('d'))\nprint('a' in w)",)),
    (
        "depends-on-arbitrary-order",
        ("from pathlib import Path\nn = sum(1 for _ in Path('d').glob('*'))",),
    ),
    ("absolute-path", ("r = '/api/v1/users'",)),
    (
        "platform-only-code",
        (
            "import sys\nC = 'google.colab' in sys.modules\nif C:\n    from google.colab import drive\n    drive.mount('/content/drive')",
        ),
    ),
    ("target-in-features", (CSV, "X = d.drop(columns=['y'])\ny = d.iloc[:, -1]", SPLIT)),
    ("target-in-features", (CSV, "X = d.iloc[:, :-1]\ny = d.iloc[:, -1]", SPLIT)),
    ("target-in-features", (CSV, "X = d\ny = d['y']", "X = X.drop(columns='y')", SPLIT)),
    (
        "fit-on-test-data",
        (
            XY,
            SPLIT,
            "from sklearn.linear_model import Ridge\nm = Ridge().fit(np.vstack([X_train, X_test]), np.hstack([y_train, y_test]))",
        ),
    ),
    ("fit-before-split", (CSV, "d['a'] = d['a'].fillna(0)", "X, y = d, d.a", SPLIT)),
    (
        "overlapping-split",
        (CSV, "d = pd.concat([d[d['y'] == 0], d[d['y'] == 1].sample(9)])", "X, y = d, d.y", SPLIT),
    ),
    ("appends-to-file", ("import logging\nlogging.basicConfig(filename='a.log', filemode='w')",)),
    (
        "appends-to-file",
        (
            "import sqlite3\nc = sqlite3.connect(':memory:')\nc.execute('create table t (n)')\nc.execute('insert into t values (1)')",
        ),
    ),
    ("secret-in-source", ("sort = sorted([1], key=abs)\nprimary_key = 'customer_id_2024'",)),
    (
        "unseeded-estimator",
        (
            "from sklearn.ensemble import BaggingClassifier\nfrom sklearn.tree import DecisionTreeClassifier\nm = BaggingClassifier(DecisionTreeClassifier(), random_state=1)",
        ),
    ),
    ("unseeded-random", ("from faker import Faker\nFaker.seed(1)\nf = Faker()\nprint(f.name())",)),
]


@pytest.mark.parametrize(("name", "cell", "variable", "texts"), FAULTS)
def test_fault_is_found(name: str, cell: int, variable: str | None, texts: tuple[str, ...]) -> None:
    found = {(one.name, one.spot.cell, one.variable) for one in findings(cells(*texts))}
    assert (name, cell, variable) in found


@pytest.mark.parametrize(("name", "texts"), NEAR_MISSES)
def test_what_resembles_it_is_not(name: str, texts: tuple[str, ...]) -> None:
    assert [one.message for one in findings(cells(*texts)) if one.name == name] == []


def test_tokens_of_a_shown_web_page_are_no_secrets() -> None:
    page = "<html><script>var token = 'a1b2c3d4e5f6a7b8c9d0';</script></html>"
    setting = "token = 'a1b2c3d4e5f6a7b8c9d0'"
    found = [findings(example_cells("show()", out={1: text})) for text in (page, setting)]
    assert ["secret-in-output" in {one.name for one in ones} for ones in found] == [False, True]


STALE = [
    ("2 ** 10", "1000", "1024"),
    ("'a'.upper()", "'B'", "'A'"),
    ("'%d rows' % 3", "'4 rows'", "'3 rows'"),
    ("[v * 2 for v in (1, 2)]", "[2, 3]", "[2, 4]"),
    ("f'{3.14159:.2f}'", "'3.1'", "'3.14'"),
    ("3 > 2", "False", "True"),
]


@pytest.mark.parametrize(("text", "wrong", "right"), STALE)
def test_result_that_the_text_contradicts(text: str, wrong: str, right: str) -> None:
    wrongs, rights = (findings(example_cells(text, out={1: ("result", saved)})) for saved in (wrong, right))
    assert [one.name for one in wrongs] == ["stale-output"]
    assert rights == ()


def test_many_cells_that_were_not_run_are_one_finding() -> None:
    texts, counts = ("a = 1", *["b = 2"] * 5, "c = 3", "d = 4"), (1, *[None] * 5, 2, None)
    found = [one for one in findings(cells(*texts, counts=counts)) if one.name == "unexecuted-cell"]
    assert [one.spot.cell for one in found] == [2, 8]
    assert (
        found[0].message == "this cell and the 4 cells with code below it were not run when the others were"
    )


@pytest.mark.parametrize("text", ["'a' * 999999999", "'%999999999d' % 3", "f'{1:>99999999}'", "9 ** 9 ** 9"])
def test_what_would_take_all_memory_is_not_computed(text: str) -> None:
    assert findings(example_cells(text, out={1: ("result", "3")})) == ()
