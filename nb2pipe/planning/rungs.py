"""The rung that each cell takes: a function, a script, or a script in an IPython session; and why.

Some reasons reach further than their cell: then the whole notebook is one stage.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import PurePath

from nb2pipe.analysis import CellFacts, Facts, ImportedName, Statement
from nb2pipe.analysis.catalogue import catalogue
from nb2pipe.analysis.hazards import BUILTINS
from nb2pipe.analysis.inner_names import FUNCTIONS
from nb2pipe.notebooks.walking import walked

from .cuts import Span
from .model import Wish

_SEARCH = frozenset(
    "path meta_path path_hooks addsitedir chdir change_directory shell script insert_path".split()
)
_ABOUT_CELLS = "asks whether a kernel runs", "asks for lines of the code", "reads the text of the code"
_SPEAKING = frozenset(("this", "antigravity", "__hello__"))  # modules that print, or act, when imported
_ENVIRONMENT = frozenset("environ putenv set_env".split())


@dataclass(frozen=True, slots=True)
class Rung:
    """A coarser form than a function that a cell needs, and why."""

    why: str
    is_ipython: bool = False


@dataclass(frozen=True, slots=True)
class Rungs:
    """Which cells need a coarser form, or why all of them together do."""

    session: str = ""  # why the whole notebook must be one IPython session
    script: str = ""  # why it must be one script
    cells: Mapping[int, Rung] = field(default_factory=dict)

    @property
    def whole(self) -> str:
        """Why the notebook is one stage, else ""."""
        return self.session or self.script

    @property
    def ipython(self) -> frozenset[int]:
        """The cells whose text stays as it is, since only IPython understands it."""
        return frozenset(number for number, rung in self.cells.items() if rung.is_ipython)

    def with_cells(self, more: Mapping[int, Rung]) -> "Rungs":
        """The rungs, with others for some cells."""
        return replace(self, cells={**self.cells, **more})


def rungs_of(facts: Facts, wish: Wish) -> Rungs:
    """The rungs that the cells' own text asks for."""
    session, script = wish.session, wish.whole
    cells: dict[int, Rung] = {}
    for cell in facts.cells:
        if cell.is_skipped:
            continue
        session = session or _why_session(cell)
        for statement in cell.statements:
            for hazard in (one for one in statement.hazards if one.reach == "notebook"):
                text = f"cell {cell.number}, line {hazard.line}: {hazard.reason}"
                session = session or (text if _is_for_session(hazard.reason) else "")
                script = script or text
        if cell.lifted.needs_ipython:
            cells[cell.number] = Rung(f"cell {cell.number}: {cell.lifted.needs_ipython}", is_ipython=True)
        elif cell.number in wish.script_cells:
            cells[cell.number] = Rung(f"cell {cell.number}: a proof showed that a function would differ")
    script = script or _unclear_names(facts) or _local_modules(facts)
    return Rungs(session, script, {**_cells_that_try(facts), **_cells_with_two_meanings(facts), **cells})


def _why_session(cell: CellFacts) -> str:
    lifted, place = cell.lifted, f"cell {cell.number}"
    if lifted.needs_session or lifted.is_async:
        return f"{place}: {lifted.needs_session or 'awaits at top level'}"
    return f"{place} is tagged raises-exception" if lifted.cell.may_raise else ""


def _is_for_session(reason: str) -> bool:
    """Reasons for which a file is compiled otherwise than a notebook's cells."""
    return reason.endswith(_ABOUT_CELLS) or reason.startswith(
        ("a __future__", "global at top level", "__doc__", "__annotations__", "__builtins__")
    )


# -- names that are no variables until the notebook binds them ------------------------------------------------------------
def _early_reads(facts: Facts, deferred: bool = False) -> Iterator[tuple[str, int]]:
    """(name, cell) of each read of a name that the notebook binds only later."""
    bound: set[str] = set()
    for statement in facts.statements:
        reads = statement.use.deferred if deferred else statement.use.reads
        for name in sorted(name for name in reads if name in facts.bound and name not in bound):
            yield name, statement.cell
        bound.update(statement.use.binds)


def _unclear_names(facts: Facts) -> str:
    """A name of which nobody can say where it is the notebook's, and where a builtin's or a library's."""
    shadowed, stars = facts.bound & BUILTINS, [one for one in facts.statements if one.star_imports]
    for statement in facts.statements if shadowed else ():
        for name in shadowed.intersection(statement.use.deletes):
            return f"cell {statement.cell}: `del {name}` brings a builtin back"
    return _unclear_star(facts, stars[-1]) if stars else ""


def _unclear_star(facts: Facts, last: Statement) -> str:
    star = f"from {last.star_imports[0]} import *"
    before = takewhile(lambda one: one is not last, facts.statements)
    if any(one.use.binds and not one.is_import for one in before):
        return f"{star} may rebind what was bound before it"
    stable = facts.imports
    for name, cell in _early_reads(facts):
        if name not in stable:
            return f"cell {cell}: `{name}` is read before the notebook binds it, so it may come from {star}"
    return ""


def builtins_until(facts: Facts) -> dict[str, int]:
    """Builtins that the notebook uses first and rebinds later -> the cell that first binds the name."""
    early = {name for name, _ in _early_reads(facts)} & BUILTINS
    first: dict[str, int] = {}
    for statement in facts.statements:
        for name in early.intersection(statement.use.binds):
            first.setdefault(name, statement.cell)
    return first


def _cells_with_two_meanings(facts: Facts) -> dict[int, Rung]:
    """Cells in which a name is a builtin first and a variable then: no function can hold both."""
    first = builtins_until(facts)
    late = {
        cell: Rung(f"cell {cell}: a function uses `{name}`, a builtin that the notebook rebinds later")
        for name, cell in _early_reads(facts, deferred=True)
        if name in BUILTINS
    }
    return late | {
        cell: Rung(f"cell {cell}: the builtin `{name}` is used before the cell binds that name")
        for name, cell in _early_reads(facts)
        if first.get(name) == cell
    }


def _cells_that_try(facts: Facts) -> dict[int, Rung]:
    """Cells that try to read what perhaps is not bound: a function would word the error otherwise."""
    found: dict[int, Rung] = {}
    sure: set[str] = set()
    later: dict[str, set[str]] = {}  # function -> what it reads when it is called
    for statement in facts.statements:
        use = statement.use
        if _tries(statement.node):
            read = {*use.reads}
            read = read.union(*(later.get(name, ()) for name in read))
            for name in sorted((read & facts.bound) - sure - use.looped):
                why = f"cell {statement.cell}: it tries whether `{name}` is bound"
                found.setdefault(statement.cell, Rung(why))
        if statement.definition:
            later[statement.definition] = set(use.deferred)
        sure.update(name for name, surely in use.binds.items() if surely or name in use.looped)
        sure.difference_update(use.deletes)
    return found


def _tries(node: ast.stmt) -> bool:
    """Whether a statement has a `try` that runs with it."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)) or not hasattr(node, "body"):
        return False
    return any(isinstance(one, ast.Try) for one in walked(node))


# -- modules beside the notebook --------------------------------------------------------------------------------------------
def _local_modules(facts: Facts) -> str:
    local = facts.local_modules | _written_modules(facts)
    for statement in facts.statements if local else ():
        for one in statement.imports:
            if one.root in local:
                return f"cell {statement.cell}: imports {one.root}, a file beside the notebook that may hold state"
    return ""


def early_imports(facts: Facts) -> dict[str, ImportedName]:
    """The imports that can stand at the top of a module: those that nothing before them makes possible.

    `sys.path.insert(0, "lib")` decides what a later `import helpers` finds, an environment variable how it behaves.
    """
    # A function that reads the builtin so far must find the import when it is called later.
    late = {name for name, _ in _early_reads(facts, deferred=True) if name in BUILTINS}
    is_moved = False
    readers: set[str] = set()
    stable = facts.imports
    systems = {"__kernel__", *(name for name, one in stable.items() if one.root == "os")}
    for statement in facts.statements:
        late |= {one.name for one in statement.imports if one.root in readers | _SPEAKING}
        if is_moved:
            late |= {one.name for one in statement.imports if not catalogue().is_known(one.root)}
        is_moved = is_moved or _moves_the_search(statement)
        if not systems.isdisjoint(statement.use.reads):
            readers |= _told_by_environment(statement)
    return {name: one for name, one in stable.items() if name not in late}


def _told_by_environment(statement: Statement) -> set[str]:
    """The libraries whose import reads a variable that the statement sets: `os.environ["MPLBACKEND"] = "svg"`."""
    if not any(
        isinstance(node, ast.Attribute) and node.attr in _ENVIRONMENT for node in walked(statement.node)
    ):
        return set()
    words = {
        word.partition("=")[0]
        for node in walked(statement.node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in node.value.split()[:1]
    }
    keywords = {node.arg for node in walked(statement.node) if isinstance(node, ast.keyword) and node.arg}
    return {root for word in words | keywords for root in catalogue().import_readers(word)}


def _moves_the_search(statement: Statement) -> bool:
    """Whether it may change where modules are looked for."""
    return any(
        (isinstance(node, ast.Attribute) and node.attr in _SEARCH)
        or (isinstance(node, ast.Name) and node.id in _SEARCH)
        for node in walked(statement.node)
    )


def _written_modules(facts: Facts) -> set[str]:
    """Modules that the notebook writes itself: `%%writefile name.py`."""
    magical = [
        cell.lifted for cell in facts.cells if any(magic.name == "writefile" for magic in cell.lifted.magics)
    ]
    heads = [one.cell.source.strip().partition("\n")[0].split() for one in magical]
    return {PurePath(words[-1]).stem for words in heads if words and words[-1].endswith(".py")}


# -- what one cell's rung asks of others -----------------------------------------------------------------------------------
def coerced(spans: Sequence[Span], cells: Sequence[CellFacts], rungs: Rungs) -> dict[int, Rung]:
    """Cells that must take the rung of another one, since no cut may fall between the two."""
    found: dict[int, Rung] = {}
    for span in spans:
        numbers = [cell.number for cell in cells[span.first : span.last + 1]]
        coarser = [rung for number in numbers if (rung := rungs.cells.get(number))]
        if not coarser:
            continue
        leading = max(coarser, key=lambda one: one.is_ipython)
        for number in numbers:
            own = rungs.cells.get(number)
            if own is None or own.is_ipython != leading.is_ipython:
                found[number] = Rung(f"cell {number}: {span.reason}, and {leading.why}", leading.is_ipython)
    return found
