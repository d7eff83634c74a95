"""The verdict, and what the reference runs agree on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nb2pipe.execution import Controls, Failure, Joined, RunRecord, Took

Outcome = Literal["equal", "different", "not-proved", "notebook-fails"]
ABSENT = "the pipeline does not have it where the stage ends"
Kind = Literal["stdout", "variable", "alias", "display", "file", "exception"]


@dataclass(frozen=True, slots=True)
class StageCells:
    """A stage and the cells it was made of."""

    name: str
    kind: str
    cells: tuple[int, ...]
    outputs: frozenset[str] = frozenset()

    @property
    def last(self) -> int:
        """The cell at whose end the stage is compared."""
        return self.cells[-1] if self.cells else 0


@dataclass(frozen=True, slots=True)
class Expected:
    """What every reference run agrees on; what they do not is named in `unstable`."""

    records: tuple[RunRecord, ...]
    lines: tuple["Line", ...]
    unstable: frozenset[tuple[str, str, int]]  # (kind, name, cell)
    unstable_parts: Mapping[tuple[str, int], frozenset[str]] = field(
        default_factory=dict
    )  # by (variable, cell)

    @property
    def first(self) -> RunRecord:
        """One of the runs."""
        return self.records[0]

    def is_unstable(self, kind: str, name: str, cell: int) -> bool:
        """Whether the runs differ in this."""
        return (kind, name, cell) in self.unstable


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line: `text` is None where the runs differ in it, `many` where they differ in how many there are."""

    text: str | None
    cell: int
    many: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the pipeline does not do what the notebook does."""

    what: Kind
    name: str
    stage: str
    cell: int
    line: int | None
    notebook: str
    pipeline: str
    mode: str

    def as_json(self) -> dict[str, Any]:
        """As the contract has it."""
        return {
            "what": self.what,
            "name": self.name,
            "stage": self.stage,
            "cell": self.cell,
            "line": self.line,
            "notebook": self.notebook,
            "pipeline": self.pipeline,
            "mode": self.mode,
        }


@dataclass(frozen=True, slots=True, order=True)
class NotCompared:
    """What the verdict says nothing about, and why."""

    what: str
    name: str
    reason: str
    cell: int = 0
    stage: str = ""
    cause: str = ""  # the call that makes it vary, where one is known

    def as_json(self) -> dict[str, Any]:
        """As the contract has it."""
        told = {"what": self.what, "name": self.name, "reason": self.reason, "cell": self.cell}
        return (
            told
            | ({"stage": self.stage} if self.stage else {})
            | ({"cause": self.cause} if self.cause else {})
        )


@dataclass(frozen=True, slots=True)
class Repair:
    """A rung that was taken down so that the pipeline equals the notebook."""

    what: str  # "fused", "script", "whole", "session"
    stages: tuple[str, ...]
    because: str

    def as_json(self) -> dict[str, Any]:
        """As the contract has it."""
        return {"what": self.what, "stages": list(self.stages), "because": self.because}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, with all that it rests on."""

    verdict: Outcome
    modes: tuple[str, ...]
    repeats: int
    compared: Mapping[str, int]
    not_compared: tuple[NotCompared, ...]
    differences: tuple[Difference, ...]
    coverage: float
    controls: Controls
    repairs: tuple[Repair, ...] = ()
    failure: Failure | None = None
    same_in_pipeline: bool | None = None
    order: str = "document"
    floor: float = 0.9
    stages: tuple[StageCells, ...] = ()
    inputs: str = "as they are"
    others: tuple["Verdict", ...] = ()  # the same proof on other inputs
    lines: tuple[Line, ...] = ()  # what every run of the notebook printed
    joined: tuple[Joined, ...] = ()  # stages that the isolated run had to run in one process
    seconds: Mapping[str, float] = field(default_factory=dict)
    records: tuple[RunRecord, ...] = ()  # the runs themselves, for the page that shows displays side by side

    @property
    def is_settled(self) -> bool:
        """Whether no coarser form of the pipeline could make it better."""
        if self.verdict == "not-proved":
            return all(one.reason != ABSENT for one in self.not_compared)
        return self.verdict != "different"

    @property
    def is_equal(self) -> bool:
        """Whether the pipeline is proved to do what the notebook does."""
        return self.verdict == "equal"

    @property
    def took(self) -> tuple[Took, ...]:
        """The most that each stage took in any of the runs in which it had a process of its own."""
        verdicts = (self, *self.others)
        seen = [took for verdict in verdicts for run in verdict.records for took in run.took]
        return tuple(_most(found) for stage in self.stages if (found := _of(stage, seen)))

    def as_json(self) -> dict[str, Any]:
        """The proof as the contract fixes it."""
        controls = {
            "seed": self.controls.seed,
            "hashseed": int(self.controls.hashseed)
            if self.controls.hashseed.isdigit()
            else self.controls.hashseed,
            "clock": self.controls.freeze or "real",
        }
        told: dict[str, Any] = {
            "schema": "nb2pipe.proof/1",
            "verdict": self.verdict,
            "modes": list(self.modes),
            "repeats": self.repeats,
            "compared": dict(self.compared),
            "not_compared": [one.as_json() for one in self.not_compared],
            "differences": [one.as_json() for one in self.differences],
            "coverage": round(self.coverage, 4),
            "floor": self.floor,
            "controls": controls,
            "repairs": [one.as_json() for one in self.repairs],
            "order": self.order,
            "joined": [one.as_json() for one in self.joined],
            "seconds": dict(self.seconds),
            "stages": [one.as_json() for one in self.took],
        }
        if self.others:
            told["other_inputs"] = [{"inputs": one.inputs, **one.as_json()} for one in self.others]
        if self.failure is not None:
            told["failure"] = {
                "cell": self.failure.cell,
                "line": self.failure.line or None,
                "exception": self.failure.name,
                "message": self.failure.value,
                "same_in_pipeline": bool(self.same_in_pipeline),
            }
        return told


def _of(stage: StageCells, seen: Sequence[Took]) -> list[Took]:
    return [one for one in seen if one.stage == stage.name]


def _most(found: Sequence[Took]) -> Took:
    return Took(
        found[0].stage,
        max(one.seconds for one in found),
        max(one.memory_mb for one in found),
        max(one.bytes for one in found),
    )
