"""The facts about a notebook's code that everything else is planned from and reported by."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from nb2pipe.notebooks.model import Lifted, Notebook

from .inner_names import Spot
from .scopes import NameUse

Node = ast.stmt


@dataclass(frozen=True, slots=True)
class ImportedName:
    """A name that an import statement binds, and to what."""

    name: str
    module: str  # "pandas", "sklearn.linear_model"; relative imports keep their dots
    attribute: str  # "" when the module itself is bound
    alias: bool  # whether `as` is written

    @property
    def root(self) -> str:
        """The top-level package."""
        return self.module.partition(".")[0]

    @property
    def qualified(self) -> str:
        """The dotted name of what is bound: `import a.b` binds `a`, `import a.b as c` binds `a.b`."""
        if self.attribute:
            return f"{self.module}.{self.attribute}"
        return self.module if self.alias else self.root

    @property
    def text(self) -> str:
        """The import statement that binds this one name."""
        if not self.attribute:
            return f"import {self.module}" + (f" as {self.name}" if self.alias else "")
        return f"from {self.module} import {self.attribute}" + (f" as {self.name}" if self.alias else "")


@dataclass(frozen=True, slots=True)
class Hazard:
    """Something that a stage function or a separate process cannot be trusted to keep, and how far it reaches."""

    reach: Literal["notebook", "cell", "definition"]
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One top-level statement of a cell, with its names."""

    cell: int  # number among code cells, from 1
    place: int  # among the statements of its cell, from 0
    first: int  # line in the cell, decorators included
    last: int
    node: Node
    use: NameUse
    imports: tuple[ImportedName, ...] = ()
    star_imports: tuple[str, ...] = ()
    hazards: tuple[Hazard, ...] = ()

    @property
    def definition(self) -> str:
        """The name of the function or class that this statement defines, else ""."""
        node = self.node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return ""
        return node.name if node.name in self.use.binds else ""

    @property
    def is_import(self) -> bool:
        """Whether it is a plain import statement at top level."""
        return isinstance(self.node, (ast.Import, ast.ImportFrom))


@dataclass(frozen=True, slots=True)
class CellFacts:
    """What is known of one code cell."""

    number: int
    lifted: Lifted
    statements: tuple[Statement, ...]
    is_skipped: bool

    @property
    def is_empty(self) -> bool:
        """Whether the cell has nothing that runs."""
        return self.is_skipped or not (
            self.statements or self.lifted.needs_ipython or self.lifted.needs_session
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of a notebook without running it."""

    notebook: Notebook
    cells: tuple[CellFacts, ...]  # in the order in which they run: the file's unless said
    bound: frozenset[str]  # every name that some statement binds
    local_modules: frozenset[str]  # roots that are files beside the notebook
    why_order: str = ""  # why the cells stand in another order than the file's
    statements: tuple[Statement, ...] = field(init=False, repr=False, compare=False)  # as they run
    imports: Mapping[str, ImportedName] = field(
        init=False, repr=False, compare=False
    )  # that no other thing rebinds

    def __post_init__(self) -> None:
        found = tuple(statement for cell in self.cells for statement in cell.statements)
        object.__setattr__(self, "statements", found)
        object.__setattr__(self, "imports", _stable_imports(found))

    def in_order(self, numbers: Iterable[int], why: str) -> "Facts":
        """The same facts with the cells in another order."""
        cells = {cell.number: cell for cell in self.cells}
        return replace(self, cells=tuple(cells[number] for number in numbers), why_order=why)


def _stable_imports(statements: Iterable[Statement]) -> Mapping[str, ImportedName]:
    """Names that only ever are bound by imports of one and the same thing."""
    found: dict[str, ImportedName] = {}
    spoiled: set[str] = set()
    for statement in statements:
        here = {one.name: one for one in statement.imports} if statement.is_import else {}
        for name in [*statement.use.binds, *statement.use.deletes, *statement.use.global_writes]:
            if name not in here or found.setdefault(name, here[name]).qualified != here[name].qualified:
                spoiled.add(name)
    return {name: one for name, one in found.items() if name not in spoiled}


__all__ = ["CellFacts", "Facts", "Hazard", "ImportedName", "NameUse", "Spot", "Statement"]
