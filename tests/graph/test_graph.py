"""What cells do with names, and what flows between them."""

import pytest
from audit_examples import read

from nb2pipe import analysis, graph
from nb2pipe.audit import Example
from nb2pipe.graph import VariableGraph


def built(*texts: str) -> VariableGraph:
    return graph.build(analysis.gather(read(Example(texts))))


PANDAS = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})"


@pytest.mark.parametrize(
    ("texts", "mutates"),
    [
        (("n = [1]", "n.append(2)"), {"n"}),
        (("n = [1]\nm = n", "m.append(2)"), {"n", "m"}),
        (("n = [1]\nm = n.copy()", "m.append(2)"), {"m"}),
        (("n = [1]\nm = [n]", "m[0].append(2)"), {"n", "m"}),
        (("n = [1]\nm = [n]", "m.append(2)"), {"m"}),
        (("n = [1]\nm = [n]", "n = [2]\nn.append(3)"), set()),
        (("a, b = [1], [2]\nboth = [a, b]", "for one in both:\n    one.append(3)"), {"a", "b", "both"}),
        (("d = {'a': [1]}", "d['a'].append(2)"), {"d"}),
        (("d = {}", "d.setdefault('a', []).append(2)"), {"d"}),
        (("x = (1, 2)", "x += (3,)"), set()),
        (("n = [1]\nm = n", "n += [2]"), {"m"}),
        ((PANDAS, "df['b'] = 1"), {"df"}),
        ((PANDAS, "df.drop(columns='a', inplace=True)"), {"df"}),
        ((PANDAS, "df.drop(columns='a')"), set()),
        ((PANDAS, "part = df[['a']]\npart['b'] = 1"), set()),
        ((PANDAS + "\ntrain = df", "train['b'] = 0"), {"df", "train"}),
        ((PANDAS, "df['a'].fillna(0, inplace=True)"), {"df"}),
        ((PANDAS + "\ncombine = [df]", "for d in combine:\n    d['b'] = 1"), {"df", "combine"}),
        ((PANDAS, "def f(frame):\n    frame['b'] = 1\nf(df)"), {"df"}),
        ((PANDAS, "def f(frame):\n    return frame.assign(b=1)\nf(df)"), set()),
        (("n = []\ndef f():\n    n.append(1)", "f()"), {"n"}),
        (("it = iter([1, 2])", "next(it)"), {"it"}),
        (("it = zip([1], [2])", "list(it)"), {"it"}),
        (("r = range(3)", "list(r)"), set()),
        (("class A:\n    def __init__(self):\n        self.n = []\n    def put(self, v):\n        self.n.append(v)\na = A()", "a.put(1)"), {"a"}),
        (("import numpy as np\nm = np.zeros((2, 2))\nrow = m[0]", "row[:] = 1"), {"m", "row"}),
        (("import numpy as np\nm = np.zeros((2, 2))\nrow = m[[0]]", "row[:] = 1"), {"row"}),
        (("import random\nn = [1, 2]", "random.shuffle(n)"), {"n"}),
        (("from sklearn.svm import SVC\nmodel = SVC()", "model.fit([[1], [2]], [0, 1])"), {"model"}),
        (("from sklearn.svm import SVC\nmodel = SVC()", "model.predict([[1]])"), set()),
        (("text = 'a'", "text.replace('a', 'b')"), set()),
    ],
)  # fmt: skip
def test_mutates(texts: tuple[str, ...], mutates: set[str]) -> None:
    assert built(*texts).cells[-1].mutates == mutates


@pytest.mark.parametrize(
    ("texts", "reads"),
    [
        (("x = 1", "print(x)"), {"x"}),
        (("x = 1", "x = 2\nprint(x)"), set()),
        (("x = 1", "def f():\n    return x"), set()),
        (("x = 1\ndef f():\n    return x", "f()"), {"f", "x"}),
        (("x = 1\ndef g():\n    return x\ndef f():\n    return g()", "f()"), {"f", "g", "x"}),
        (("x = 1\nclass A:\n    def run(self):\n        return x\na = A()", "a.run()"), {"a", "x"}),
        ((PANDAS + "\nlimit = 1", "df.query('a > @limit')"), {"df", "limit"}),
        (("import math", "math.pi"), {"math"}),
        (("x = 1", "[x for x in range(3)]"), set()),
        (("k = 2", "list(map(lambda v: v * k, [1]))"), {"k"}),
        (("", "print(len('a'))"), set()),
    ],
)
def test_reads(texts: tuple[str, ...], reads: set[str]) -> None:
    assert built(*texts).cells[-1].reads == reads


@pytest.mark.parametrize(
    ("texts", "edges"),
    [
        (("x = 1", "print(x)"), {(1, 2, "x", "value")}),
        (("import math", "math.pi"), {(1, 2, "math", "import")}),
        (("def f():\n    return 1", "f()"), {(1, 2, "f", "definition")}),
        (("n = [1]", "n.append(2)", "print(n)"), {(1, 2, "n", "value"), (2, 3, "n", "mutation")}),
        (("open('a.txt', 'w').write('x')", "open('a.txt').read()"), {(1, 2, "a.txt", "file")}),
        (("print(x)", "x = 1"), {(2, 1, "x", "value")}),  # in the order that runs
    ],
)
def test_edges(texts: tuple[str, ...], edges: set[tuple[int, int, str, str]]) -> None:
    found = {(one.source, one.target, one.variable, one.kind) for one in built(*texts).edges}
    assert found == edges


def test_random_streams_are_edges() -> None:
    edges = built("import random\nrandom.seed(1)", "x = random.random()", "y = random.random()").edges
    assert [(one.source, one.target) for one in edges if one.kind == "random"] == [(1, 2), (2, 3)]


@pytest.mark.parametrize(
    ("texts", "names", "imports", "defines"),
    [
        (("import os\nx = 1\ndef f():\n    pass",), {"x"}, {"os"}, {"f"}),
        (("for i in range(3):\n    last = i",), {"i", "last"}, set(), set()),
        (("x = 1\ndel x",), set(), set(), set()),
        (("try:\n    import json\nexcept ImportError:\n    json = None",), {"json"}, set(), set()),
        (("def f():\n    global g\n    g = 1\nf()",), {"g"}, set(), {"f"}),
    ],
)
def test_bound_names(texts: tuple[str, ...], names: set[str], imports: set[str], defines: set[str]) -> None:
    cell = built(*texts).cells[-1]
    assert (set(cell.writes), set(cell.imports), set(cell.defines)) == (names, imports, defines)


def test_questions() -> None:
    chain = built("a = 1", "b = a", "c = b", "d = 1")
    assert chain.before(3) == {1, 2}
    assert chain.after(1) == {2, 3}
    assert chain.live_after(2) == {"b"}
