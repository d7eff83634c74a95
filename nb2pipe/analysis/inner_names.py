"""The names that functions and comprehensions take from around themselves, as CPython scopes them."""

import ast
from dataclasses import dataclass, field

from nb2pipe.notebooks.walking import children_of

from .names_in_text import names_in_string

Spot = tuple[int, int]  # line and column, both as ast counts them

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(slots=True)
class FunctionNames:
    """The names that a function body takes from outside itself."""

    free: dict[str, Spot] = field(default_factory=dict)
    global_writes: set[str] = field(default_factory=set)


def immediate_parts(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda,
) -> list[ast.expr]:
    """The expressions of a definition that run when it is made: decorators, defaults, annotations, bases."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
    arguments = node.args
    parts = [*arguments.defaults, *(default for default in arguments.kw_defaults if default is not None)]
    if isinstance(node, ast.Lambda):
        return parts
    annotations = [one.annotation for one in _parameters(arguments) if one.annotation is not None]
    return [*node.decorator_list, *parts, *annotations, *([node.returns] if node.returns else [])]


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [*every, *(one for one in (arguments.vararg, arguments.kwarg) if one is not None)]


def function_names(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> FunctionNames:
    """The names that the function reads from (and writes to) the notebook's namespace when it is called."""
    scope = _Inner()
    scope.local.update(one.arg for one in _parameters(node.args))
    for part in [node.body] if isinstance(node, ast.Lambda) else node.body:
        scope.visit(part)
    return scope.names()


def comprehension_names(
    node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, skip_first: bool = False
) -> FunctionNames:
    """The names that a comprehension takes from around it; its first iterable is evaluated outside of it."""
    scope = _Inner()
    for number, generator in enumerate(node.generators):
        if number or not skip_first:
            scope.visit(generator.iter)
        scope.visit(generator.target)
        for condition in generator.ifs:
            scope.visit(condition)
    for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
        scope.visit(part)
    return scope.names()


class _Inner:
    """One function-like scope: its own names, and what it takes from outside."""

    def __init__(self) -> None:
        self.local: set[str] = set()
        self.loads: dict[str, Spot] = {}
        self.declared: set[str] = set()  # global
        self.outer: set[str] = set()  # nonlocal
        self.global_writes: set[str] = set()

    def names(self) -> FunctionNames:
        own = self.local - self.declared - self.outer
        free = {name: spot for name, spot in self.loads.items() if name not in own}
        writes = self.global_writes | (self.local & self.declared)
        return FunctionNames(free, writes)

    def merge(self, inner: FunctionNames) -> None:
        for name, spot in inner.free.items():
            self.loads.setdefault(name, spot)
        self.global_writes |= inner.global_writes

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self.loads.setdefault(node.id, spot_of(node))
            else:
                self.local.add(node.id)
        elif isinstance(node, FUNCTIONS):
            for part in immediate_parts(node):
                self.visit(part)
            if not isinstance(node, ast.Lambda):
                self.local.add(node.name)
            self.merge(function_names(node))
        elif isinstance(node, ast.ClassDef):
            self._class(node)
        elif isinstance(node, COMPREHENSIONS):
            self.merge(comprehension_names(node))
            self.local.update(leaf.target.id for leaf in ast.walk(node) if isinstance(leaf, ast.NamedExpr))
        else:
            self._other(node)

    def _class(self, node: ast.ClassDef) -> None:
        self.local.add(node.name)
        for part in immediate_parts(node):
            self.visit(part)
        body = _Inner()
        for statement in node.body:
            body.visit(statement)
        # A class body reads a name from outside until it has bound it: count it as free.
        for name, spot in body.loads.items():
            self.loads.setdefault(name, spot)
        self.global_writes |= body.global_writes | (body.local & body.declared)

    def _other(self, node: ast.AST) -> None:
        if isinstance(node, ast.Global):
            self.declared.update(node.names)
            for name in node.names:
                self.loads.setdefault(name, spot_of(node))
        elif isinstance(node, ast.Nonlocal):
            self.outer.update(node.names)
            for name in node.names:
                self.loads.setdefault(name, spot_of(node))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self.local.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        else:
            if isinstance(node, ast.ExceptHandler) and node.name:
                self.local.add(node.name)
            captured = getattr(node, "name", None) or getattr(node, "rest", None)
            if isinstance(node, ast.pattern) and isinstance(captured, str):
                self.local.add(captured)
            if isinstance(node, ast.Call):
                for name in names_in_string(node):
                    self.loads.setdefault(name, spot_of(node))
            for child in children_of(node):
                self.visit(child)


def spot_of(node: ast.AST) -> Spot:
    """Where a node stands."""
    return getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
