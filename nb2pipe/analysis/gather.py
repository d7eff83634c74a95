"""Notebook -> Facts: every cell lifted to plain Python, parsed, and read statement by statement."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from nb2pipe.notebooks import lift_all
from nb2pipe.notebooks.faults import TOO_DEEP, parsed
from nb2pipe.notebooks.model import Lifted, Notebook, SyntaxFault

from .hazards import hazards_of
from .model import CellFacts, Facts, Hazard, ImportedName, Statement
from .names_in_text import Words
from .scopes import names_of


def gather(notebook: Notebook, beside: Iterable[str] = (), *, with_hazards: bool = True) -> Facts:
    """The facts of all code cells; `beside` are the names of files and folders beside the notebook.

    Only planning needs the hazards, and trees that no two cells share.
    """
    trees = [(lifted, _parse(lifted)) for lifted in lift_all(notebook)]
    parsed.cache_clear()  # the trees of one notebook are of no use to the next
    trees = [*_unshared(trees)] if with_hazards else trees
    modules = dict(_module_names(tree for _, tree in trees)) if with_hazards else None
    words = Words(tree for _, tree in trees)
    cells = tuple(_cell(lifted, tree, modules, words) for lifted, tree in trees)
    bound = frozenset(name for cell in cells for one in cell.statements for name in one.use.binds)
    local = frozenset(Path(name).stem for name in beside)
    return Facts(notebook, cells, bound, local)


def _parse(lifted: Lifted, reader: Callable[[str], ast.Module | SyntaxFault] = parsed) -> ast.Module:
    """The cell's tree as lifting made it; an empty one where it is skipped or does not parse."""
    if lifted.fault or lifted.cell.is_skipped:
        return ast.Module(body=[], type_ignores=[])
    tree = reader(lifted.python)
    assert isinstance(tree, ast.Module)
    return tree


def _unshared(trees: Iterable[tuple[Lifted, ast.Module]]) -> Iterator[tuple[Lifted, ast.Module]]:
    """Cells of the same text with a tree each."""
    taken: set[int] = set()
    for lifted, tree in trees:
        yield lifted, _parse(lifted, parsed.__wrapped__) if id(tree) in taken else tree
        taken.add(id(tree))


def _module_names(trees: Iterable[ast.Module]) -> Iterator[tuple[str, str]]:
    for tree in trees:
        for node in tree.body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for one in imported_names(node):
                    yield one.name, one.qualified


def _cell(lifted: Lifted, tree: ast.Module, modules: dict[str, str] | None, words: Words) -> CellFacts:
    number = lifted.cell.number
    try:
        statements = tuple(
            _statement(number, place, node, modules, words) for place, node in enumerate(tree.body)
        )
    except RecursionError:
        statements, lifted = (), replace(lifted, fault=SyntaxFault(TOO_DEEP, 1, 1))
    return CellFacts(number, lifted, statements, lifted.cell.is_skipped)


def _statement(
    number: int, place: int, node: ast.stmt, modules: dict[str, str] | None, words: Words
) -> Statement:
    use = names_of(node)
    words.fill_in(use)
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    is_import = isinstance(node, (ast.Import, ast.ImportFrom))
    hazards = [*hazards_of(node, modules)] if modules is not None else []
    if use.has_scope_declaration:
        hazards.append(Hazard("notebook", "global at top level", node.lineno))
    return Statement(
        cell=number,
        place=place,
        first=first,
        last=node.end_lineno or node.lineno,
        node=node,
        use=use,
        imports=tuple(imported_names(node)) if is_import else (),  # type: ignore[arg-type]
        star_imports=tuple(_stars(node)),
        hazards=tuple(hazards),
    )


def imported_names(node: ast.Import | ast.ImportFrom) -> Iterator[ImportedName]:
    """The names that an import statement binds."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield ImportedName(
                alias.asname or alias.name.partition(".")[0], alias.name, "", bool(alias.asname)
            )
        return
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name != "*":
            yield ImportedName(alias.asname or alias.name, module, alias.name, bool(alias.asname))


def _stars(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom):
        if any(alias.name == "*" for alias in node.names):
            yield node.module or "."
    elif isinstance(node, (ast.Try, ast.If, ast.With)):
        for child in ast.iter_child_nodes(node):
            for inner in child.body if isinstance(child, ast.ExceptHandler) else (child,):
                if isinstance(inner, ast.stmt):
                    yield from _stars(inner)
