"""Whether the document's order runs, and which order does."""

import pytest
from audit_examples import cells, read

from nb2pipe import analysis
from nb2pipe.audit import Example
from nb2pipe.graph import Order, order_of


def order(example: Example) -> Order:
    return order_of(analysis.gather(read(example)))


@pytest.mark.parametrize(
    ("example", "document", "suggested"),
    [
        (cells("x = 1", "print(x)"), "runs", (1, 2)),
        (cells("print(x)", "x = 1"), "fails", (2, 1)),
        (cells("print(x)", "y = 2", "x = 1"), "fails", (3, 1, 2)),
        (cells("print(x)", "x = 1", counts=(2, 1)), "fails", (2, 1)),
        # counts that are out of order are no reason to leave an order that runs
        (cells("x = 1", "y = x", counts=(2, 1)), "runs", (1, 2)),
        (cells("print(nowhere)"), "fails", (1,)),
        (cells("class A:\n    def __repr__(self):\n        return k", "A()", "k = '1'"), "fails", (1, 3, 2)),
        (
            cells(
                "def f():\n    n = 9\n    while n > 1:\n        n = g(n)", "f()", "def g(v):\n    return 0"
            ),
            "fails",
            (1, 3, 2),
        ),
        (
            cells("def f():\n    while n > 1:\n        g()", "n = 0", "f()", "def g():\n    pass"),
            "runs",
            (1, 2, 3, 4),
        ),
        (cells("def f():\n    return k", "f()", "k = 1"), "fails", (1, 3, 2)),
        (cells("def f():\n    return k", "k = 1", "f()"), "runs", (1, 2, 3)),
        (cells("class A:\n    def run(self):\n        return k", "A().run()", "k = 1"), "fails", (1, 3, 2)),
        (cells("x = 1", "del x", "print(x)"), "fails", (1, 2, 3)),
        (cells("try:\n    x\nexcept NameError:\n    x = 1", "print(x)"), "runs", (1, 2)),
        (cells("from math import *", "print(pi)"), "runs", (1, 2)),
        (cells("exec('x = 1')", "print(x)"), "runs", (1, 2)),
        (cells("import sys\nif len(sys.argv) > 9:\n    print(x)", "x = 1"), "runs", (1, 2)),
        (
            cells("def f():\n    return k", "try:\n    f()\nexcept Exception:\n    pass", "k = 1"),
            "runs",
            (1, 2, 3),
        ),
        (cells("q = 'a > @x'\nprint(q)", "x = 1"), "runs", (1, 2)),
        (
            cells("import pandas as pd\nd = pd.DataFrame({'a': [1]})\nd.query(text)", "text = 'a > 0'"),
            "fails",
            (2, 1),
        ),
        (cells("a = b", "b = c", "c = 1"), "fails", (3, 2, 1)),
        (cells("a = b", "b = a"), "fails", (1, 2)),  # a circle: no order helps
        (cells("print 'x'"), "fails", (1,)),
        (cells("", "x = 1"), "runs", (1, 2)),
        (cells("[v for v in range(3)]", "v = 1"), "runs", (1, 2)),
        (cells("sorted([1], key=lambda v: k)", "k = 1"), "fails", (2, 1)),
    ],
)
def test_order(example: Example, document: str, suggested: tuple[int, ...]) -> None:
    found = order(example)
    assert (found.document, found.cells) == (document, suggested)
    assert found.reason


def test_reason_names_cell_and_variable() -> None:
    assert "cell 1 reads `x`" in order(cells("print(x)", "x = 1")).reason
