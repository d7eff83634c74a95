"""The plan: which cells become which stage, what passes between them, what becomes a parameter or a definition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nb2pipe.analysis import ImportedName, Statement

Scalar = int | float | str | bool | None
StageKind = Literal["function", "script"]
OrderName = Literal["auto", "document", "executed", "dependency"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A literal of the notebook that a person would change."""

    name: str
    value: Scalar
    comment: str
    statement: tuple[int, int] | None = None  # (cell, place) of the assignment that it replaces
    literals: tuple[tuple[int, int, int, int, int], ...] = ()  # (cell, line, column, last line, last column)

    @property
    def is_constant(self) -> bool:
        """Whether it is also a name of the notebook."""
        return self.statement is not None


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class that stands once, in functions.py."""

    name: str
    statement: Statement
    passes: tuple[str, ...]  # variables that it reads: every call passes them by keyword

    @property
    def place(self) -> tuple[int, int]:
        """Cell and place of its statement."""
        return self.statement.cell, self.statement.place


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage: a run of cells, and what crosses its borders."""

    name: str
    kind: StageKind
    cells: tuple[int, ...]
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    perhaps: tuple[
        str, ...
    ] = ()  # inputs that are bound unless a loop is empty; the stage does not look at them
    deletes: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()  # ambient state that it sets, draws from, or reads after it was set
    annotations: Mapping[str, str] = field(default_factory=dict)  # of inputs, where their types are sure
    returns: str = ""  # annotation of what it returns
    ipython: bool = False
    may_raise: bool = False
    reason: str = ""  # why the cut before it is where it is
    why_script: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked of a plan."""

    package: str | None = None
    parameters: bool = True
    script_cells: frozenset[int] = frozenset()  # cells that must run as scripts (found by a proof)
    fused: frozenset[int] = frozenset()  # cells before which no cut may fall
    whole: str = ""  # why the whole notebook must be one script stage
    session: str = ""  # why that script must run in an IPython session
    skip_cells: frozenset[int] = frozenset()
    cuts: tuple[int, ...] | None = None  # first cells of the stages, from an edited plan
    names: Mapping[int, str] = field(default_factory=dict)  # first cell -> stage name, from an edited plan
    keep: tuple[str, ...] = ()
    cells: tuple[int, ...] = ()  # all cells of the stages, from an edited plan
    sizes: Mapping[int, Mapping[str, int]] = field(
        default_factory=dict
    )  # cell -> bytes that its variables have where it ends, from a run
    parameter_names: Mapping[str, str] | None = None  # place -> name of those that stay; None: all
    order: OrderName = (
        "auto"  # in which the cells run; auto: the document's, unless it cannot run and another can
    )


NO_WISH = Wish()


@dataclass(frozen=True, slots=True)
class Plan:
    """How the notebook becomes a pipeline."""

    package: str
    title: str
    stages: tuple[StagePlan, ...]
    parameters: tuple[Parameter, ...]
    definitions: tuple[Definition, ...]
    imports: Mapping[str, ImportedName]
    notes: tuple[str, ...]
    is_whole: bool = False  # the notebook is one stage, nothing is taken out of it
    patched: tuple[str, ...] = ()  # attributes of modules that the notebook sets: "math.pi"
    held: tuple[str, ...] = ()  # names that functions of scripts read from the namespace
    one_process: str = ""  # why its stages must share a process, else ""
    kept_open: tuple[str, ...] = ()  # variables that hold what acts when it is dropped

    @property
    def passes(self) -> Mapping[str, tuple[str, ...]]:
        """The keywords that calls of each definition pass on."""
        return {one.name: one.passes for one in self.definitions if one.passes}
