"""The notebook as the rest of nb2pipe sees it: frozen cells, places that travel, and code lifted to plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TIMED = "_timed"  # the function that holds the body of `%%timeit`; no name of the notebook
CellKind = Literal["code", "markdown", "raw"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the file; `number` counts code cells from 1, `index` all cells from 0."""

    kind: CellKind
    source: str  # line ends are "\n"
    index: int
    number: int  # 0 for cells that are not code
    id: str
    tags: frozenset[str] = frozenset()
    execution_count: int | None = None
    outputs: tuple[Mapping[str, Any], ...] = ()  # as nbformat 4 has them
    title: str = ""  # of a percent script's `# %% title`

    @property
    def is_skipped(self) -> bool:
        """Whether a clean run passes this cell over: it holds only whitespace, or its tag says so."""
        return not self.source.strip() or "skip-execution" in self.tags

    @property
    def may_raise(self) -> bool:
        """Whether the run goes on when this cell fails."""
        return "raises-exception" in self.tags


@dataclass(frozen=True, slots=True)
class Notebook:
    """A read notebook: its cells in document order, and what was odd about the file."""

    path: str  # as the user gave it
    name: str  # the file's stem
    cells: tuple[Cell, ...]
    digest: str  # SHA-256 of the file's bytes
    warnings: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    code_cells: tuple[Cell, ...] = field(init=False, repr=False)  # `code_cells[n - 1].number == n`

    def __post_init__(self) -> None:
        object.__setattr__(self, "code_cells", tuple(cell for cell in self.cells if cell.kind == "code"))


@dataclass(frozen=True, slots=True)
class MagicUse:
    """One piece of IPython syntax in a cell, where it stands and what it is."""

    line: int  # 1-based in the cell
    kind: Literal["line", "cell", "shell", "shell-assign", "help", "history", "await", "autocall"]
    name: str  # "matplotlib", "bash", ...; "" for plain shell
    argument: str  # the rest of the line, or the body of a cell magic
    target: str = ""  # the name that gets the value, for `x = !cmd` and `x = %magic`


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """Why a cell does not parse as Python, and where."""

    message: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Lifted:
    """A code cell said in plain Python, line for line.

    `python` has as many lines as the cell's source. IPython syntax is replaced by calls of the reserved name
    `__kernel__` (see the generated kernel module). Where that cannot be said, `needs_ipython` tells why and `python`
    holds what analysis can still read of it. Where the cell is no Python at all, `fault` is set and `python` is "".
    """

    cell: Cell
    python: str
    needs_ipython: str | None = None
    needs_session: str | None = (
        None  # why the whole notebook must run in one IPython session (history, %who, ...)
    )
    fault: SyntaxFault | None = None
    is_silent: bool = False  # the last expression ends in `;`: not displayed
    is_async: bool = False  # awaits at top level
    installs: tuple[str, ...] = ()  # requirements named by %pip, !pip, !conda ... install
    magics: tuple[MagicUse, ...] = ()
    notes: tuple[str, ...] = ()  # what was dropped or changed, in words for the user
