"""What the notebook's text tells a proof: names that are only imported, where a name is bound, what varies by itself."""

import ast
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from nb2pipe.notebooks import Lifted


def trees(cells: Sequence[Lifted]) -> dict[int, ast.Module]:
    """The parsed cells by number; those that do not parse are left out."""
    found = {}
    for lifted in cells:
        try:
            found[lifted.cell.number] = ast.parse(lifted.python)
        except (SyntaxError, ValueError, RecursionError):
            continue
    return found


def only_imported(parsed: Mapping[int, ast.Module]) -> frozenset[str]:
    """Names that imports bind and nothing else does."""
    imported: set[str] = set()
    bound: set[str] = set()
    for tree in parsed.values():
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                imported |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            else:
                bound |= set(_bound_by(node))
    return frozenset(imported - bound - {"*"})


def has_star_import(parsed: Mapping[int, ast.Module]) -> bool:
    """Whether names come in without being written down."""
    nodes = (node for tree in parsed.values() for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return any(alias.name == "*" for node in nodes for alias in node.names)


def bound_anywhere(parsed: Mapping[int, ast.Module]) -> frozenset[str]:
    """Names that something other than an import binds."""
    nodes = (node for tree in parsed.values() for node in ast.walk(tree))
    return frozenset(name for node in nodes for name in _bound_by(node))


def place_of(name: str, parsed: Mapping[int, ast.Module], cells: Collection[int]) -> tuple[int, int] | None:
    """Cell and line of the last statement of these cells that binds the name; else of the last that mentions it."""
    places: dict[bool, tuple[int, int]] = {}
    for number in cells:
        for statement in parsed[number].body if number in parsed else ():
            nodes = list(ast.walk(statement))
            if any(name in _bound_by(node) for node in nodes):
                places[True] = (number, statement.lineno)
            elif any(isinstance(node, ast.Name) and node.id == name for node in nodes):
                places[False] = (number, statement.lineno)
    return places.get(True) or places.get(False)


def _bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.MatchAs, ast.MatchStar)):
        yield from [node.name] if node.name else []
    elif isinstance(node, ast.MatchMapping):
        yield from [node.rest] if node.rest else []


def cause(parsed: Mapping[int, ast.Module], cells: Collection[int]) -> str:
    """The first call in these cells that is known to answer differently each time; "" where none is seen."""
    for number in cells:
        if number in parsed:
            for node in ast.walk(parsed[number]):
                if isinstance(node, ast.Call) and _varies(node):
                    return f"{ast.unparse(node.func)}() in cell {number}, line {node.lineno}"
    return ""


def sending(parsed: Mapping[int, ast.Module]) -> list[tuple[int, int, str]]:
    """Cell, line and call of what would leave the machine: uploads, database writes, sent requests."""
    found = []
    for number, tree in parsed.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if any(_ends_with(name, known) for known in _calls()["sending"]):
                    found.append((number, node.lineno, name))
    return found


def _varies(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    is_bare = not call.args and not call.keywords
    known = _calls()["varying"] + (_calls()["varying_without_arguments"] if is_bare else ())
    return any(_ends_with(name, one) for one in known)


def _ends_with(name: str, known: str) -> bool:
    """`datetime.datetime.now` and `datetime.now` end with `datetime.now`."""
    return name == known or name.endswith(f".{known}")


@cache
def _calls() -> dict[str, tuple[str, ...]]:
    with (Path(__file__).parent / "calls.toml").open("rb") as file:
        return {name: tuple(calls) for name, calls in tomllib.load(file).items()}
