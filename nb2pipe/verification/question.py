"""What is compared with what, and what one run of the pipeline showed of it."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import sources
from .model import Difference, Expected, NotCompared, StageCells

UNSTABLE = "it differs from one run of the notebook to the next"
Pair = tuple[str, str, str]  # what, name, stage


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared with what."""

    expected: Expected
    stages: tuple[StageCells, ...]
    parsed: Mapping[int, ast.Module]
    floor: float = 0.9
    order: str = "document"

    def stage_of(self, cell: int) -> str:
        """The stage that holds a cell."""
        return next((stage.name for stage in self.stages if cell in stage.cells), "")

    def first_cell_of(self, name: str) -> int:
        """The first cell of a stage; 0 where there is none."""
        return next((stage.cells[0] for stage in self.stages if stage.name == name and stage.cells), 0)

    @property
    def last_cell(self) -> int:
        """The last cell of the last stage."""
        return self.stages[-1].last if self.stages else 0


@dataclass(slots=True)
class Findings:
    """What one run of the pipeline showed."""

    mode: str
    differences: list[Difference] = field(default_factory=list)
    compared: set[Pair] = field(default_factory=set)
    left_out: dict[Pair, NotCompared] = field(default_factory=dict)
    # Left out, unless another run compares it.
    elsewhere: dict[Pair, NotCompared] = field(default_factory=dict)


def cause_in(question: Question, cells: Sequence[int]) -> str:
    """The first call in these cells that is known to vary."""
    return sources.cause(question.parsed, cells)
