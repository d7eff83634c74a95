"""The formatter keeps off docstrings that a notebook reads."""

import pytest
from notebook_files import facts_of

from nb2pipe.planning import plan
from nb2pipe.rewriting import rewrite

DOC = "def f():\n  '''One.\n\n    Two.  \n  '''"


@pytest.mark.parametrize(
    ("cells", "is_off"),
    [
        ((DOC, "print(f.__doc__)"), True),
        ((DOC, "help(f)"), True),
        ((DOC, "print(f())"), False),
        (("def f():\n    'One.'", "print(f.__doc__)"), False),
    ],
)
def test_docstrings_that_are_read_stay_as_written(cells: tuple[str, ...], is_off: bool) -> None:
    facts = facts_of(*cells)
    text = rewrite(plan(facts), facts).files["functions.py"]
    assert ("# fmt: off\n" in text) == is_off
