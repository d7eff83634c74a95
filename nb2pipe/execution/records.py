"""What one run did: frozen, and the same type for a notebook and for a pipeline."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Controls:
    """What is set alike on both sides, so that two runs of the same code agree."""

    seed: int | None = 0
    hashseed: str = "0"
    freeze: str | None = None  # a moment in ISO format; None leaves the clock alone
    rows: float | None = None  # the share of every read table's rows that stays; None leaves tables alone


@dataclass(frozen=True, slots=True)
class Value:
    """A variable as the probe saw it; `digest` is None where it could not be looked into at all."""

    kind: str
    digest: str | None
    summary: str
    reasons: tuple[str, ...] = ()  # why it is not, or not wholly, compared
    identity: int = 0  # the same at two borders of a run: it was not bound anew
    parts: Mapping[str, Any] = field(
        default_factory=dict
    )  # part -> [digest, words, rows in a block, digests of blocks]


@dataclass(frozen=True, slots=True)
class Aliases:
    """Which objects the variables reach: an object is a number, 0 where it cannot be told from its equal."""

    roots: Mapping[str, int] = field(default_factory=dict)
    steps: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Border:
    """The variables where a cell or a stage ended."""

    variables: Mapping[str, Value]
    aliases: Aliases
    cell: int = 0  # in a notebook: the cell that ended
    stage: str = ""  # in a pipeline: the stage that ended
    frame: frozenset[str] = frozenset()  # variables of the stage's function; the others lie in the namespace
    old: Mapping[str, str | None] = field(
        default_factory=dict
    )  # digests of older values that the namespace still has


@dataclass(frozen=True, slots=True)
class Display:
    """A displayed value: what the probe saw of it, and what was shown."""

    value: Value
    cell: int = 0
    shown: Mapping[str, str] = field(default_factory=dict)  # media type -> text, or base64 of a picture


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception that ended a cell or a stage."""

    name: str
    value: str
    cell: int = 0
    line: int = 0
    stage: str = ""


@dataclass(frozen=True, slots=True)
class FileState:
    """A file that the run wrote or deleted in the working folder."""

    digest: str | None  # None: deleted
    size: int = 0
    content: str | None = None  # digest of what it holds, where its bytes are known to vary


@dataclass(frozen=True, slots=True)
class Joined:
    """Two stages that shared a process although each should have had its own."""

    first: str
    second: str
    because: str  # the value that did not survive storing

    def as_json(self) -> dict[str, str]:
        """For a report."""
        return {"first": self.first, "second": self.second, "because": self.because}

    def __str__(self) -> str:
        return f"{self.second} ran in the process of {self.first}: {self.because} does not survive storing"


@dataclass(frozen=True, slots=True)
class Took:
    """What a stage with a process of its own took of the machine."""

    stage: str
    seconds: float
    memory_mb: float  # the most that its process had; 0 where nobody knows
    bytes: int  # of the state after it, on disk

    def as_json(self) -> dict[str, str | float]:
        """For a report."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a cell did beside its results; files are named relative to the folder that was copied."""

    cell: int
    seconds: float
    sizes: Mapping[str, int]  # about how many bytes each variable has where the cell ends
    reads: tuple[str, ...]  # opened, by Python itself: what a library's C++ opens is not seen
    writes: tuple[str, ...]  # made, or other than before
    removes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything that one run did."""

    mode: str  # "notebook", or how the pipeline ran
    stdout: tuple[tuple[int, str], ...]  # (cell, text); a pipeline's stands under cell 0
    borders: tuple[Border, ...]
    displays: tuple[Display, ...]
    files: Mapping[str, FileState]
    failure: Failure | None = None  # what ended the run early
    exceptions: tuple[Failure, ...] = ()  # expected ones, after which the run went on
    seconds: float = 0.0
    probe_seconds: float = 0.0
    joined: tuple[Joined, ...] = ()
    seen: tuple[Seen, ...] = ()  # of a notebook's cells, where it was asked for
    asked: frozenset[int] = frozenset()  # the notebook's cells after which it was to tell its variables
    modules: frozenset[str] = frozenset()  # top-level modules that a pipeline had loaded
    shown: tuple[Mapping[str, str], ...] = ()  # what lies in a pipeline's folder of displays, by media type
    took: tuple[Took, ...] = ()  # by stage, where each had a process of its own

    @property
    def text(self) -> str:
        """All that was printed."""
        return "".join(text for _, text in self.stdout)
