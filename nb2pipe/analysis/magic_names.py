"""The names that code under a magic binds: lost with `%%timeit` and `%%bash`, bound with `%%prun`."""

import ast
import re
from collections.abc import Iterator

from nb2pipe.notebooks.model import MagicUse

from .inner_names import FUNCTIONS
from .model import CellFacts


def made_under_profilers(cell: CellFacts) -> Iterator[str]:
    """Names that a cell binds under a magic that runs in the notebook's own namespace."""
    for use in cell.lifted.magics:
        if use.name in ("prun", "memit"):
            yield from (name for name, _ in _bound_in(_code(cell, use)))


def lost_in_magic(cell: CellFacts) -> dict[str, int]:
    """Names that a cell binds under a magic that keeps them to itself, with their lines."""
    found: dict[str, int] = {}
    for use in cell.lifted.magics:
        for name, line in _lost(cell, use):
            found[name] = use.line + (line if use.kind == "cell" else 0)
    return found


def _lost(cell: CellFacts, use: MagicUse) -> Iterator[tuple[str, int]]:
    if use.kind in ("cell", "line") and use.name == "timeit":
        yield from _bound_in(_code(cell, use))
    elif use.kind == "cell" and use.name in ("bash", "sh", "script", "python", "python3", "python2"):
        is_python = use.name.startswith("python") or use.argument.lstrip().startswith("python")
        yield from (_bound_in if is_python else _shell_variables)(_code(cell, use))


def _code(cell: CellFacts, use: MagicUse) -> str:
    """What a magic runs: the lines below it, or the rest of its line."""
    if use.kind == "cell":
        return cell.lifted.cell.source.split("\n", 1)[-1]
    return _without_options(use.argument)


def _without_options(argument: str) -> str:
    return re.sub(r"^(?:\s*-(?:[nrp]\s*\d+|[tcqov]+)(?=\s|$))*\s*", "", argument)


def _bound_in(text: str) -> Iterator[tuple[str, int]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in tree.body:
        for leaf in ast.walk(node):
            if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store):
                yield leaf.id, leaf.lineno
            elif isinstance(leaf, (*FUNCTIONS[:2], ast.ClassDef)):
                yield leaf.name, leaf.lineno
            elif isinstance(leaf, (ast.Import, ast.ImportFrom)):
                for alias in leaf.names:
                    yield alias.asname or alias.name.partition(".")[0], leaf.lineno


def _shell_variables(text: str) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(text.split("\n"), 1):
        name, sign, _ = line.strip().removeprefix("export ").partition("=")
        if sign and name.isidentifier():
            yield name, number
