"""Sizes that a run has shown: large variables stay inside a stage, and the plan says how large what passes is."""

import pytest
from notebook_files import facts_of

from nb2pipe.planning import Wish, plan
from nb2pipe.planning.cuts import in_words
from nb2pipe.planning.plan_file import as_toml

CELLS = (
    "raw = make()",
    "big = raw * 2",
    "small = big.sum()",
    "a = small + 1",
    "b = a * small",
    "print(b)\nc = b + a",
)
SIZES = {cell: {"raw": 3 * 10**9, "big": 2 * 10**9, "small": 8, "a": 8, "b": 8} for cell in range(1, 7)}


def crossing(cells: tuple[str, ...], wish: Wish) -> set[str]:
    """The variables that pass from stage to stage."""
    return {name for stage in plan(facts_of(*cells), wish).stages for name in stage.inputs}


def test_large_variables_stay() -> None:
    headed = ("#md ### One", CELLS[0], "#md ### Two", CELLS[1], "#md ### Three", *CELLS[2:])
    assert "big" in crossing(headed, Wish())
    assert not {"raw", "big"} & crossing(headed, Wish(sizes=SIZES))


def test_the_plan_tells_sizes() -> None:
    cells = ("#md ## One", CELLS[0], "#md ## Two", CELLS[1])
    text = as_toml(plan(facts_of(*cells), Wish(sizes={1: {"raw": 1234}})), {1: {"raw": 1234}})
    assert "# inputs: raw (1 kB)" in text
    assert "1 variable (1 kB) crosses" in text
    assert "kB" not in as_toml(plan(facts_of(*cells)))


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "2 kB"), (2 * 10**6, "2 MB"), (3 * 10**12, "3000 GB")],
)
def test_in_words(size: int, words: str) -> None:
    assert in_words(size) == words
