"""Which names a notebook binds, and which names it reads from IPython's history instead."""

import ast
import re
from collections.abc import Iterable, Iterator

from nb2pipe.notebooks.expansion import ANY_NAME
from nb2pipe.notebooks.walking import walked

HISTORY = re.compile(r"_{1,3}|_i{1,3}|_i?\d+|_[iods]h|_exit_code|In|Out|exit|quit|get_ipython")
HISTORY_IN_TEXT = re.compile(rf"(?<![\w.])(?:{HISTORY.pattern})(?!\w)")
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def bound(tree: ast.AST) -> Iterator[str]:
    """The names that the code binds in any scope; `*` where a star import or exec binds more than is seen."""
    for node in walked(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.alias():
                yield (node.asname or node.name).split(".")[0]
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield name
            case ast.Call(func=ast.Name(id="exec" | "globals" | "locals" | "vars")):
                yield ANY_NAME


class _Reader(ast.NodeVisitor):
    """Walks a cell in the order in which it runs; finds history names that are read before they are bound."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = set(known)
        self.reads: list[ast.Name] = []

    def visit_Name(self, node: ast.Name) -> None:
        if not HISTORY.fullmatch(node.id):
            return
        if isinstance(node.ctx, ast.Store):
            self.known.add(node.id)
        elif node.id not in self.known:
            self.reads.append(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self._in_order([node.value, *node.targets])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._in_order([node.annotation, node.value, node.target if node.value else None])

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.visit_Name(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
        self._in_order([node.value, node.target])

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._in_order([node.value, node.target])

    def visit_For(self, node: ast.For) -> None:
        self._in_order([node.iter, node.target, *node.body, *node.orelse])

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self._in_order([node.iter, node.target, *node.body, *node.orelse])

    def visit_alias(self, node: ast.alias) -> None:
        self.known.add((node.asname or node.name).split(".")[0])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.known.add(node.name or "")
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._in_order([*node.decorator_list, *node.args.defaults, *node.args.kw_defaults])
        self.known.add(node.name)
        self._in_scope(node, list(node.body))

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._in_order([*node.decorator_list, *node.args.defaults, *node.args.kw_defaults])
        self.known.add(node.name)
        self._in_scope(node, list(node.body))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.known.add(node.name)
        self._in_scope(None, [*node.decorator_list, *node.bases, *node.body])

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._in_order([*node.args.defaults, *node.args.kw_defaults])
        self._in_scope(node, [node.body])

    def generic_visit(self, node: ast.AST) -> None:
        if isinstance(node, COMPREHENSIONS):
            parts: list[ast.AST] = [
                part for each in node.generators for part in (each.iter, each.target, *each.ifs)
            ]
            values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            self._in_scope(None, [*parts, *values])
        else:
            super().generic_visit(node)

    def _in_order(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def _in_scope(self, owner: ast.AST | None, body: list[ast.AST]) -> None:
        before = set(self.known)
        if owner is not None:
            # a name bound anywhere in a function is the function's own
            self.known |= {name for name in bound(owner) if HISTORY.fullmatch(name)}
        self._in_order(body)
        self.known = before


def history_reads(tree: ast.AST, known: Iterable[str]) -> tuple[list[ast.Name], set[str]]:
    """The reads of history in the code, and the history-like names that are bound after it."""
    reader = _Reader(known)
    try:
        reader.visit(tree)
    except RecursionError:  # an expression of a thousand terms: take the names as they stand
        reader.reads = [
            node for node in walked(tree) if isinstance(node, ast.Name) and HISTORY.fullmatch(node.id)
        ]
    return reader.reads, reader.known
