"""Cells are only moved where the document's order fails for certain."""

import pytest
from notebook_files import facts_of

from nb2pipe.graph import order_of


@pytest.mark.parametrize(
    ("cells", "is_certain"),
    [
        (("print(x)", "x = 1"), True),
        (("for _ in rows():\n    print(x)", "x = 1"), False),  # the loop may be empty
        (("call_later(lambda: x)", "x = 1"), False),  # whoever gets it may keep it
        (("def f():\n    return x\nregister(f)", "x = 1"), False),
        (("try:\n    print(x)\nexcept Exception:\n    pass", "x = 1"), False),
        (("import builtins\nbuiltins.x = 1", "print(x)", "x = 2"), False),
    ],
)
def test_order_is_certain_only_where_the_read_surely_happens(
    cells: tuple[str, ...], is_certain: bool
) -> None:
    assert order_of(facts_of(*cells)).is_certain == is_certain
