"""IPython syntax to plain Python, line for line.

A cell that parses as Python is Python: IPython's syntax never does. So only the others are scanned.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from nb2pipe.notebooks.automagic import automagic
from nb2pipe.notebooks.bindings import HISTORY_IN_TEXT, bound, history_reads
from nb2pipe.notebooks.cell_magics import MARKUP, PROGRAMS
from nb2pipe.notebooks.drafting import Draft, drafted
from nb2pipe.notebooks.faults import compiled, parsed
from nb2pipe.notebooks.line_magics import BUILT_IN
from nb2pipe.notebooks.model import Cell, Lifted, MagicUse, Notebook, SyntaxFault
from nb2pipe.notebooks.prompts import bare

REGISTERS = re.compile(
    r"\bregister_(?:line|cell|line_cell)_magic\b|\bregister_magics\b|\bIPython\.core\.magic\b"
)
CELL_MAGICS = PROGRAMS | MARKUP.keys() | {"capture", "file", "time", "timeit", "writefile"}
EXTENSION = re.compile(
    r"`%(?:re)?load_ext (?!(?:autoreload|line_profiler|memory_profiler|tensorboard|watermark)`)"
)


def lift_all(notebook: Notebook) -> tuple[Lifted, ...]:
    """Every code cell in plain Python, in order; what one cell binds tells how another is read."""
    first = [lift(cell) for cell in notebook.code_cells]
    names = _names(first) if any(map(_depends_on_names, first)) else frozenset()
    second = [lift(lifted.cell, names) if _depends_on_names(lifted) else lifted for lifted in first]
    return tuple(_with_extensions(_with_history(second)))


def lift(cell: Cell, names: frozenset[str] | None = None) -> Lifted:
    """The cell in plain Python; `names` are those that the notebook binds, for `$name` in commands."""
    draft = drafted(bare(cell.source), names, is_cell=True)
    tree = draft.fault or parsed(draft.python)
    if isinstance(tree, SyntaxFault):
        return Lifted(cell, "", fault=tree, magics=draft.magics)
    awaits = compiled(tree, draft.python)
    if isinstance(awaits, SyntaxFault):
        return Lifted(cell, "", fault=awaits, magics=draft.magics)
    return _lifted(cell, draft, tree, awaits=awaits)


def _lifted(cell: Cell, draft: Draft, tree: ast.Module, *, awaits: bool) -> Lifted:
    said = draft.said
    return Lifted(
        cell,
        draft.python,
        needs_ipython=next((each.ipython for each in said if each.ipython), None),
        needs_session=next((each.session for each in said if each.session), None),
        is_silent=_is_silent(tree, draft.python),
        is_async=awaits,
        installs=tuple(dict.fromkeys(name for each in said for name in each.installs)),
        magics=(*draft.magics, MagicUse(1, "await", "", "")) if awaits else draft.magics,
        notes=tuple(dict.fromkeys(each.note for each in said if each.note)),
    )


def _is_silent(tree: ast.Module, python: str) -> bool:
    """Whether `;` stands behind the last expression."""
    if ";" not in python or not tree.body or not isinstance(tree.body[-1], ast.Expr):
        return False
    last = tree.body[-1]
    lines = python.split("\n")[(last.end_lineno or 1) - 1 :]
    lines[0] = lines[0].encode()[last.end_col_offset :].decode()
    # a bracket around the expression is not part of it
    return "\n".join(lines).lstrip(" \t\f\\\n)").startswith(";")


def _depends_on_names(lifted: Lifted) -> bool:
    """Whether it matters to this cell which names the notebook binds."""
    if lifted.needs_ipython or automagic(bare(lifted.cell.source), frozenset()):
        return True
    return any(sign in use.argument for use in lifted.magics for sign in "{$")


def _names(cells: Iterable[Lifted]) -> frozenset[str]:
    trees = (parsed(lifted.python) for lifted in cells)
    return frozenset(name for tree in trees if isinstance(tree, ast.Module) for name in bound(tree))


def _with_history(cells: Iterable[Lifted]) -> Iterator[Lifted]:
    """The cells, each with what it reads from the history and no cell before it binds."""
    known: set[str] = set()
    for lifted in cells:
        tree = parsed(lifted.python) if HISTORY_IN_TEXT.search(lifted.python) else None
        if not isinstance(tree, ast.Module):
            yield lifted
            continue
        reads, known = history_reads(tree, known)
        yield _with_reads(lifted, [read for read in reads if read.id != "get_ipython"])


def _with_reads(lifted: Lifted, reads: list[ast.Name]) -> Lifted:
    if not reads:
        return lifted
    uses = tuple(MagicUse(read.lineno, "history", read.id, "") for read in reads)
    why = lifted.needs_session or f"`{reads[0].id}` is read from IPython's session"
    return replace(lifted, needs_session=why, magics=(*lifted.magics, *uses))


def _with_extensions(cells: Iterable[Lifted]) -> Iterator[Lifted]:
    """The cells; a magic that an earlier cell brought lives in the session that it was brought into."""
    brought = False
    for lifted in cells:
        why = lifted.needs_session
        foreign = next((use.name for use in lifted.magics if _is_foreign(lifted, use)), None)
        if why is None and REGISTERS.search(lifted.python):
            why = "the cell makes magics of its own"
        elif why is None and brought and foreign:
            why = f"`{foreign}` is a magic that an earlier cell brought"
        brought = brought or bool(EXTENSION.match(lifted.needs_ipython or ""))
        yield lifted if why == lifted.needs_session else replace(lifted, needs_session=why)


def _is_foreign(lifted: Lifted, use: MagicUse) -> bool:
    return (
        bool(lifted.needs_ipython) and use.kind in ("line", "cell") and use.name not in BUILT_IN | CELL_MAGICS
    )
