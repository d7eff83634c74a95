"""Names as CPython scopes them: what a top-level statement reads, binds and deletes, and what its functions read later.

One pass over the syntax tree in the order of evaluation. "Deferred" names are those that a function, lambda or
generator made by the statement reads when it is called, which may be much later than the statement itself.
"""

import ast
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nb2pipe.notebooks.model import TIMED
from nb2pipe.notebooks.walking import children_of

from .inner_names import (
    COMPREHENSIONS,
    FUNCTIONS,
    FunctionNames,
    Spot,
    comprehension_names,
    function_names,
    immediate_parts,
    spot_of,
)
from .names_in_text import called, names_in_string
from .outliving import CONSUMERS, outlives

# `with` blocks that end at an error, and those that surely do not: of all others nobody knows.
_SWALLOWERS = frozenset("suppress raises assertRaises assertRaisesRegex".split())
_OPENERS = frozenset(
    "open urlopen ZipFile TarFile TemporaryDirectory NamedTemporaryFile no_grad inference_mode catch_warnings errstate"
    " option_context context rc_context style_context printoptions scope device Session Graph Pool closing connect"
    " ThreadPoolExecutor ProcessPoolExecutor Model tqdm redirect_stdout redirect_stderr localcontext HDFStore ExcelWriter"
    " capture chdir parallel_backend config_context plotting_context axes_style".split()
)


@dataclass(slots=True)
class NameUse:
    """What one statement does with names of the notebook's namespace."""

    reads: dict[str, Spot] = field(default_factory=dict)  # before the statement itself has surely bound them
    firm: set[str] = field(default_factory=set)  # of the reads: those that surely happen
    binds: dict[str, bool] = field(default_factory=dict)  # name -> whether surely
    deletes: dict[str, Spot] = field(default_factory=dict)
    maybe_deletes: set[str] = field(default_factory=set)  # of these: on some paths only
    deferred: dict[str, Spot] = field(default_factory=dict)
    global_writes: set[str] = field(default_factory=set)  # `global x` in a function that assigns x
    in_strings: set[str] = field(default_factory=set)  # names inside query strings and formulas
    spots: dict[str, Spot] = field(default_factory=dict)  # where each name is first bound
    looped: set[str] = field(default_factory=set)  # not surely bound, but only since a loop may be empty
    has_scope_declaration: bool = False  # `global x` at top level


def names_of(statement: ast.stmt) -> NameUse:
    """What a top-level statement reads, binds, deletes and defers."""
    reader = _Reader()
    reader.statement(statement)
    return reader.use


class _Reader:
    """Walks one statement at the notebook's top level in the order of evaluation."""

    def __init__(self) -> None:
        self.use = NameUse()
        self.sure: set[str] = set()
        self.branches = 0  # blocks around, that perhaps do not run

    # -- names ---------------------------------------------------------------------------------------------------------
    def load(self, name: str, node: ast.AST) -> None:
        if name not in self.sure:
            self.use.reads.setdefault(name, spot_of(node))
        if not self.branches:
            self.use.firm.add(name)

    def bind(self, name: str, node: ast.AST, surely: bool = True) -> None:
        self.use.binds[name] = self.use.binds.get(name, False) or surely
        self.use.spots.setdefault(name, spot_of(node))
        self.use.deletes.pop(name, None)
        if surely:
            self.sure.add(name)

    def unbind(self, name: str, node: ast.AST) -> None:
        if name not in self.sure and self.branches:
            self.use.maybe_deletes.add(name)
        self.load(name, node)
        self.use.deletes.setdefault(name, spot_of(node))
        self.use.binds.pop(name, None)
        self.sure.discard(name)

    def defer(self, names: FunctionNames) -> None:
        for name, spot in names.free.items():
            self.use.deferred.setdefault(name, spot)
        self.use.global_writes |= names.global_writes

    # -- statements ----------------------------------------------------------------------------------------------------
    def statement(self, node: ast.stmt) -> None:
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is not None:
            method(node)
        else:
            self.children(node)

    def body(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.statement(statement)

    def branch(self, statements: Iterable[ast.stmt]) -> None:
        self.branches += 1
        self.body(statements)
        self.branches -= 1

    def maybe(self, *blocks: Iterable[ast.stmt]) -> None:
        """Blocks of which each may or may not run: what they bind is not sure afterwards."""
        before, known = set(self.sure), dict(self.use.binds)
        for block in blocks:
            self.sure = set(before)
            self.branch(block)
        self.sure = before
        for name in self.use.binds:
            if not known.get(name, False) and name not in before:
                self.use.binds[name] = False

    def alternatives(self, *blocks: Iterable[ast.stmt]) -> None:
        """Blocks of which exactly one runs: sure is what all of them bind, but for those that leave."""
        before, ends, known = set(self.sure), [], dict(self.use.binds)
        for block in blocks:
            self.sure = set(before)
            statements = list(block)
            self.branch(statements)
            if not (
                statements and isinstance(statements[-1], (ast.Raise, ast.Continue, ast.Break, ast.Return))
            ):
                ends.append(self.sure)
        self.sure = set.intersection(*ends) if ends else before
        for name in self.use.binds:
            self.use.binds[name] = known.get(name, False) or name in self.sure

    def _Assign(self, node: ast.Assign) -> None:
        self.expression(node.value)
        for target in node.targets:
            self.target(target)

    def _AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.load(node.target.id, node.target)
        self.expression(node.value)
        self.target(node.target)

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.expression(node.value)
        self.expression(node.annotation)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.target(node.target)

    def _For(self, node: ast.For | ast.AsyncFor) -> None:
        self.expression(node.iter)
        before, known = set(self.sure), set(self.use.binds)
        self.target(node.target, surely=False)
        # Inside the body the target is bound, after an empty loop it is not.
        self.sure |= {leaf.id for leaf in ast.walk(node.target) if isinstance(leaf, ast.Name)}
        self.maybe(node.body)
        self.sure &= before
        self.use.looped |= self.use.binds.keys() - known
        self._after_loop(node)

    _AsyncFor = _For

    def _While(self, node: ast.While) -> None:
        self.expression(node.test)
        if isinstance(node.test, ast.Constant) and node.test.value:
            endless = [*itertools.takewhile(lambda one: not _may_break(one), node.body)]
            self.body(endless)
            self.usually(node.body[len(endless) :])
        else:
            self.usually(node.body)
        self._after_loop(node)

    def usually(self, block: Iterable[ast.stmt]) -> None:
        """A block that runs but for odd cases, like the body of a loop: what it binds counts as bound after it."""
        known = set(self.use.binds)
        self.maybe(block)
        self.use.looped |= self.use.binds.keys() - known

    def _after_loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        if node.orelse:
            self.maybe(node.orelse)

    def _If(self, node: ast.If) -> None:
        self.expression(node.test)
        if isinstance(node.test, ast.Constant) and node.test.value:
            self.body(node.body)
            return
        self.alternatives(node.body, node.orelse)

    def _With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.expression(item.context_expr)
            if item.optional_vars is not None:
                self.target(item.optional_vars)
        managers = [
            called(item.context_expr) for item in node.items if isinstance(item.context_expr, ast.Call)
        ]
        if not _SWALLOWERS.isdisjoint(managers):
            self.maybe(node.body)
        elif all(name in _OPENERS for name in managers) and len(managers) == len(node.items):
            self.body(node.body)
        else:
            self.usually(node.body)

    _AsyncWith = _With

    def _Try(self, node: ast.Try) -> None:
        before = set(self.sure)
        known = dict(self.use.binds)
        self.branch([*node.body, *node.orelse])
        paths = [self.sure]
        self.branches += 1
        for handler in node.handlers:
            self.sure = set(before)
            if handler.type is not None:
                self.expression(handler.type)
            if handler.name:
                self.bind(handler.name, handler)
            self.body(handler.body)
            if handler.name:
                self.use.binds.pop(handler.name, None)  # CPython unbinds it when the handler ends
                self.sure.discard(handler.name)
            if not (handler.body and isinstance(handler.body[-1], (ast.Raise, ast.Continue, ast.Break))):
                paths.append(self.sure)
        self.branches -= 1
        self.sure = set.intersection(*paths) if paths else before
        for name in list(self.use.binds):
            self.use.binds[name] = known.get(name, False) or name in self.sure
        self.body(node.finalbody)

    _TryStar = _Try

    def _Match(self, node: ast.Match) -> None:
        self.expression(node.subject)
        before, known = set(self.sure), dict(self.use.binds)
        for case in node.cases:
            self.sure = set(before)
            for leaf in ast.walk(case.pattern):
                captured = getattr(leaf, "name", None) or getattr(leaf, "rest", None)
                if isinstance(captured, str):
                    self.bind(captured, leaf)
                elif isinstance(leaf, ast.expr):
                    self.expression(leaf)
            self.branches += 1
            if case.guard is not None:
                self.expression(case.guard)
            self.body(case.body)
            self.branches -= 1
        self.sure = before
        for name in self.use.binds:
            self.use.binds[name] = known.get(name, False)

    def _Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.bind(alias.asname or alias.name.partition(".")[0], node)

    def _ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self.bind(alias.asname or alias.name, node)

    def _Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.unbind(target.id, target)
            elif isinstance(target, (ast.Tuple, ast.List)):
                self._Delete(ast.Delete(targets=target.elts))
            else:
                self.target(target)

    def _Global(self, node: ast.Global) -> None:
        self.use.has_scope_declaration = True

    _Nonlocal = _Global

    def _FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for expression in immediate_parts(node):
            self.expression(expression)
        if node.name == TIMED:  # it is called at once, and nowhere else
            self.read_now(function_names(node).free)
            return
        self.defer(function_names(node))
        self.bind(node.name, node)

    _AsyncFunctionDef = _FunctionDef

    def _ClassDef(self, node: ast.ClassDef) -> None:
        for expression in immediate_parts(node):
            self.expression(expression)
        inner = _ClassReader(self)
        inner.body(node.body)
        self.use.in_strings |= inner.use.in_strings
        self.bind(node.name, node)

    # -- expressions ---------------------------------------------------------------------------------------------------
    def children(self, node: ast.AST) -> None:
        for child in children_of(node):
            if isinstance(child, ast.expr):
                self.expression(child)
            elif isinstance(child, ast.stmt):
                self.statement(child)
            else:
                self.children(child)

    def expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            self.load(node.id, node)
        elif isinstance(node, ast.Constant):
            pass
        elif isinstance(node, ast.Lambda):
            for default in immediate_parts(node):
                self.expression(default)
            self.defer(function_names(node))
        elif isinstance(node, COMPREHENSIONS):
            self._comprehension(node)
        elif isinstance(node, ast.NamedExpr):
            self.expression(node.value)
            self.bind(node.target.id, node.target, surely=False)
            self.sure.add(node.target.id)
        elif isinstance(node, (ast.BoolOp, ast.IfExp)):
            self._conditional(node)
        else:
            if isinstance(node, ast.Call):
                self.use.in_strings.update(names_in_string(node))
                if called(node) in CONSUMERS:
                    self._consume(node)
                    return
            self.children(node)

    def _consume(self, node: ast.Call) -> None:
        """A function handed to a call that is done with it on return is read now, not later."""
        self.expression(node.func)
        for part in [*node.args, *(keyword.value for keyword in node.keywords)]:
            if outlives(part, called(node)):
                self.expression(part)
                continue
            later, self.use.deferred = self.use.deferred, {}
            self.expression(part)
            self.read_now(self.use.deferred)
            self.use.deferred = later

    def read_now(self, names: Mapping[str, Spot]) -> None:
        """Names that a function reads while the statement runs."""
        for name, spot in names.items():
            if name not in self.sure:
                self.use.reads.setdefault(name, spot)

    def _conditional(self, node: ast.BoolOp | ast.IfExp) -> None:
        """Only the first part surely runs: a walrus in the others binds perhaps."""
        parts = [*node.values] if isinstance(node, ast.BoolOp) else [node.test, node.body, node.orelse]
        self.expression(parts[0])
        before = set(self.sure)
        self.branches += 1
        for part in parts[1:]:
            self.expression(part)
        self.branches -= 1
        self.sure &= before

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self.expression(node.generators[0].iter)
        names = comprehension_names(node, skip_first=True)
        self.read_now(names.free)
        for leaf in ast.walk(node):
            if isinstance(leaf, ast.NamedExpr):
                self.bind(leaf.target.id, leaf.target, surely=False)
            elif isinstance(leaf, ast.Call):
                self.use.in_strings.update(names_in_string(leaf))
        if isinstance(node, ast.GeneratorExp):
            self.defer(names)
        else:
            for leaf in ast.walk(node):
                if isinstance(leaf, FUNCTIONS):
                    self.defer(names)
                    break

    def target(self, node: ast.expr, surely: bool = True) -> None:
        if isinstance(node, ast.Name):
            self.bind(node.id, node, surely)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for element in node.elts:
                self.target(element, surely)
        elif isinstance(node, ast.Starred):
            self.target(node.value, surely)
        else:
            self.children(node)


class _ClassReader(_Reader):
    """Walks a class body: what it binds stays in the class, what it reads comes from outside."""

    def __init__(self, outer: _Reader) -> None:
        super().__init__()
        self.outer = outer
        self.own: set[str] = set()

    def load(self, name: str, node: ast.AST) -> None:
        if name not in self.own:
            self.outer.branches += self.branches
            self.outer.load(name, node)
            self.outer.branches -= self.branches

    def bind(self, name: str, node: ast.AST, surely: bool = True) -> None:
        if surely:
            self.own.add(name)

    def unbind(self, name: str, node: ast.AST) -> None:
        self.own.discard(name)

    def read_now(self, names: Mapping[str, Spot]) -> None:
        """A function or comprehension in a class body does not see the names of the class."""
        for name, spot in names.items():
            if name not in self.outer.sure:
                self.outer.use.reads.setdefault(name, spot)

    def defer(self, names: FunctionNames) -> None:
        self.outer.defer(names)


def _may_break(node: ast.AST) -> bool:
    """Whether a statement may leave the loop that it stands in."""
    if isinstance(node, ast.Break):
        return True
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return False
    is_loop = isinstance(node, (ast.For, ast.AsyncFor, ast.While))
    inner = node.orelse if is_loop else children_of(node)  # type: ignore[attr-defined]
    return any(map(_may_break, inner))
