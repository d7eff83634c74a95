"""What a proof found becomes a wish that plans the same stages, but for what is made coarser."""

import pytest
from notebook_files import facts_of

from nb2pipe.planning import NO_WISH, plan
from nb2pipe.verification import Constraints
from nb2pipe.workflows.convert_verified import coarser

CELLS = ("#md ## One", "a = [1]", "#md ## Two", "b = len(a)\nprint(b)", "#md ## Three", "c = b + 1\nprint(c)")


@pytest.mark.parametrize(
    ("found", "stages"),
    [
        (Constraints(), [("one", "function"), ("two", "function"), ("three", "function")]),
        (Constraints(fuse=frozenset({2})), [("one", "function"), ("three", "function")]),
        (
            Constraints(script_cells=frozenset({2})),
            [("one", "function"), ("two", "script"), ("three", "function")],
        ),
        (Constraints(whole="a proof"), [("notebook_cells", "script")]),
        (Constraints(whole="a proof", session="a proof"), [("notebook_cells", "script")]),
    ],
)
def test_coarser(found: Constraints, stages: list[tuple[str, str]]) -> None:
    facts = facts_of(*CELLS)
    planned = plan(facts, coarser(NO_WISH, plan(facts), found))
    assert [(stage.name, stage.kind) for stage in planned.stages] == stages
    assert all(stage.ipython == bool(found.session) for stage in planned.stages)
