"""The same names must lead to the same objects, whatever else there is."""

import pytest

from nb2pipe.execution import Aliases
from nb2pipe.verification.sharing import Parting, parting

LIST_OF_A = Aliases({"a": 1, "both": 2}, {2: {"[0]": 1}})
COPY_OF_A = Aliases({"both": 5, "a": 6}, {5: {"[0]": 7}})


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        (Aliases({"a": 1, "b": 1}), Aliases({"b": 4, "a": 4}), None),
        (Aliases({"a": 1, "b": 1}), Aliases({"a": 1, "b": 2}), Parting("a", "b", shared_in_notebook=True)),
        (Aliases({"a": 1, "b": 2}), Aliases({"a": 1, "b": 1}), Parting("a", "b", shared_in_notebook=False)),
        (Aliases({"a": 0, "b": 0}), Aliases({"a": 0, "b": 0}), None),
        (Aliases({"a": 1, "b": 1}), Aliases({"a": 1}), None),
        (LIST_OF_A, COPY_OF_A, Parting("a", "both[0]", shared_in_notebook=True)),
        (COPY_OF_A, LIST_OF_A, Parting("a", "both[0]", shared_in_notebook=False)),
        (Aliases({"a": 1}, {1: {"[0]": 1}}), Aliases({"a": 2}, {2: {"[0]": 2}}), None),
        (
            Aliases({"a": 1}, {1: {"[0]": 1}}),
            Aliases({"a": 2}, {2: {"[0]": 3}}),
            Parting("a", "a[0]", shared_in_notebook=True),
        ),
    ],
)
def test_parting(one: Aliases, other: Aliases, answer: Parting | None) -> None:
    assert parting(one, other, one.roots.keys()) == answer
