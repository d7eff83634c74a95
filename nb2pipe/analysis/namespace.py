"""Facts -> the reads of names that are not bound when they are read, with the cells in a given order.

Names only: no values, no types. What a notebook function reads counts where the function is called.
"""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from nb2pipe.notebooks.model import TIMED
from nb2pipe.notebooks.walking import walked

from .catalogue import catalogue
from .guards import is_guarded
from .inner_names import FUNCTIONS, Spot, function_names, spot_of
from .magic_names import lost_in_magic, made_under_profilers
from .model import CellFacts, Facts, Statement
from .names_in_text import called
from .opening import opened_by_magic, opens

# Bound in a kernel before the first cell runs.
GIVEN = (
    frozenset(vars(builtins))
    | {TIMED}
    | frozenset(
        "display get_ipython exit quit In Out _ __ ___ _i _ii _iii _oh _ih _dh _sh __kernel__ __name__ __doc__ __builtins__"
        " __builtin__ __spec__ __loader__ __package__ __annotations__ __session__ _exit_code".split()
    )
)
HISTORY = re.compile(r"_i?\d+|_i{1,3}")
State = Literal["sure", "maybe", "looped", "deleted", "lost"]
Problem = Literal["unbound", "deleted", "maybe", "looped", "lost"]


@dataclass(frozen=True, slots=True)
class Missing:
    """A read of a name that is not, or perhaps not, bound then."""

    name: str
    cell: int
    spot: Spot
    problem: Problem
    function: str  # through which notebook function it is read, else ""
    place: tuple[int, Spot]  # where the text reads it
    is_guarded: bool  # the read may not happen


@dataclass(frozen=True, slots=True)
class Deferred:
    """What a name's function, lambda or class reads when it is called."""

    cell: int
    node: ast.AST
    free: Mapping[str, Spot]
    methods: Mapping[str, Mapping[str, Spot]]  # of a class
    calls: Mapping[str, frozenset[str]]  # method -> methods of self that it calls


@dataclass(slots=True)
class Namespace:
    """What is bound while the cells run one after another."""

    states: dict[str, State] = field(default_factory=dict)
    deferred: dict[str, Deferred] = field(default_factory=dict)
    # name -> the notebook class that it is an instance of
    classes: dict[str, str] = field(default_factory=dict)
    is_open: bool = False  # names may be bound that the text does not show

    def run(self, one: Statement) -> Iterator[Missing]:
        """Run a statement: the reads that find nothing, then what it binds."""
        use = one.use
        for name, spot in use.reads.items():
            yield from self._read(one, name, spot, "", (one.cell, spot), one.node)
        for name, spot in _queried(one) if use.in_strings else ():
            yield from self._read(one, name, spot, "", (one.cell, spot), one.node)
        if self.deferred or use.deferred:
            yield from self._called(one)
        self._bind(one)

    def _read(
        self, one: Statement, name: str, spot: Spot, function: str, place: tuple[int, Spot], node: ast.AST
    ) -> Iterator[Missing]:
        if not name.isidentifier():  # a mark for names in texts that are put together elsewhere
            return
        state = self.states.get(name)
        if state == "sure" or (state is None and (name in GIVEN or self.is_open or HISTORY.fullmatch(name))):
            return
        problem: Problem = state or "unbound"
        guarded = is_guarded(node, place[1]) or (bool(function) and is_guarded(one.node, spot))
        yield Missing(name, one.cell, spot, problem, function, place, guarded)

    def _called(self, one: Statement) -> Iterator[Missing]:
        seen: set[tuple[str, str]] = set()
        for function, name, found, spot, at in self._reads_of_calls(one):
            if (function, name) not in seen:
                seen.add((function, name))
                yield from self._read(one, name, at, function, (found.cell, spot), found.node)

    def _reads_of_calls(self, one: Statement) -> Iterator[tuple[str, str, Deferred, Spot, Spot]]:
        """What the notebook functions that a statement calls read: function, name, definition, where, called where."""
        waiting = [(name, method, at) for name, method, at in self._calls(one) if name in self.deferred]
        done: set[tuple[str, str]] = set()
        own = _handed_over(one)
        for name, spot in own.items():
            if name not in one.use.binds:
                yield "", name, Deferred(one.cell, one.node, own, {}, {}), spot, spot
                waiting += [(name, "", spot)] if name in self.deferred else []
        while waiting:
            name, method, at = waiting.pop()
            if (name, method) in done or len(done) > 200:
                continue
            done.add((name, method))
            found = self.deferred[name]
            free = found.methods.get(method, {}) if found.methods else found.free
            waiting += [(name, called, at) for called in found.calls.get(method, ())]
            for read, spot in free.items():
                yield f"{name}.{method}" if method else name, read, found, spot, at
                if read in self.deferred:
                    waiting.append((read, "__init__" if self.deferred[read].methods else "", at))

    def _calls(self, one: Statement) -> Iterator[tuple[str, str, Spot]]:
        """The notebook functions (and methods of notebook classes) that a statement calls or hands to a call."""
        if not self.deferred.keys() & one.use.reads.keys() and not self.classes.keys() & one.use.reads.keys():
            return
        for node in _executed(one.node):
            if not isinstance(node, ast.Call):
                continue
            handed = () if _keeps(node) else (*node.args, *(one.value for one in node.keywords))
            for part in (node.func, *handed):
                if isinstance(part, ast.Name) and part.id in self.deferred:
                    is_class = bool(self.deferred[part.id].methods)
                    if part is node.func or not is_class:
                        yield part.id, "__init__" if is_class else "", spot_of(part)
            if isinstance(node.func, ast.Attribute):
                owner = self._class_of(node.func.value)
                if owner:
                    yield owner, node.func.attr, spot_of(node.func.value)
            for part in node.args if getattr(node.func, "id", "") in SHOWING else ():
                yield from self._shown(part)
        if isinstance(one.node, ast.Expr):
            yield from self._shown(one.node.value)

    def _shown(self, node: ast.expr) -> Iterator[tuple[str, str, Spot]]:
        """The methods that showing an instance of a notebook class calls."""
        owner = self._class_of(node)
        if owner:
            yield from ((owner, method, spot_of(node)) for method in ("__repr__", "__str__", "_repr_html_"))

    def _class_of(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return self.classes.get(node.id, "")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found = self.deferred.get(node.func.id)
            return node.func.id if found is not None and found.methods else ""
        return ""

    def _bind(self, one: Statement) -> None:
        use = one.use
        for name, surely in use.binds.items():
            self.classes.pop(name, None)
            if surely or name not in self.states:
                self.states[name] = "sure" if surely else "looped" if name in use.looped else "maybe"
            elif self.states[name] == "deleted":
                self.states[name] = "maybe"
            if use.deferred or name in self.deferred:
                self._defer(one, name)
        self._note_class(one)
        for name in use.deletes:
            self.states[name] = "deleted"
        for name in use.global_writes:
            self.states.setdefault(name, "sure")
        for node in walked(one.node) if isinstance(one.node, ast.Try) else ():
            if isinstance(node, ast.ExceptHandler) and node.name and node.name not in use.binds:
                self.states[node.name] = "deleted"
        self.is_open = self.is_open or opens(one)

    def _defer(self, one: Statement, name: str) -> None:
        node = next(
            (found for found in _definitions(one.node) if getattr(found, "name", "") == name), one.node
        )
        if isinstance(node, ast.ClassDef):
            self.deferred[name] = _class_reads(one.cell, node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.deferred[name] = Deferred(one.cell, node, function_names(node).free, {}, {})
        elif use_of_lambda(node) and one.use.deferred:
            self.deferred[name] = Deferred(one.cell, node, one.use.deferred, {}, {})
        else:
            self.deferred.pop(name, None)

    def _note_class(self, one: Statement) -> None:
        node = one.node
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            owner = self._class_of(node.value)
            if owner:
                self.classes[node.targets[0].id] = owner


def missing(facts: Facts, order: Iterable[int] | None = None) -> tuple[Missing, ...]:
    """All such reads, with the cells in this order (the document's by default)."""
    space = Namespace()
    found: list[Missing] = []
    for number in order or range(1, len(facts.cells) + 1):
        found += run_cell(space, facts.cells[number - 1])
    return tuple(found)


def run_cell(space: Namespace, cell: CellFacts) -> list[Missing]:
    """Run a cell's statements in a namespace."""
    found = [one for statement in cell.statements for one in space.run(statement)]
    if cell.lifted.fault is None:
        space.is_open = space.is_open or opened_by_magic(cell)
        lost_names(space, cell)
    elif not cell.is_skipped:
        _names_in_broken(space, cell)
    return found


def _names_in_broken(space: Namespace, cell: CellFacts) -> None:
    """A cell that no Python can read may still bind what it seems to bind."""
    source = cell.lifted.cell.source
    for targets in re.findall(r"^[ \t]*([\w ,()\t]+)=(?!=)", source, re.MULTILINE):
        for name in re.findall(r"[^\W\d]\w*", targets):
            space.states.setdefault(name, "sure")
    for name in re.findall(r"^\s*(?:def|class|for|with\s.*\sas)\s+([^\W\d]\w*)", source, re.MULTILINE):
        space.states.setdefault(name, "sure")
    for line in re.findall(r"^\s*(?:from\s+\S+\s+)?import\s+(.+)$", source, re.MULTILINE):
        for name in re.findall(r"[^\W\d]\w*", line):
            space.states.setdefault(name, "sure")


def lost_names(space: Namespace, cell: CellFacts) -> None:
    """What is bound under `%%timeit` or in another process is not bound afterwards."""
    for name in lost_in_magic(cell):
        if space.states.get(name) != "sure":
            space.states[name] = "lost"
    space.states.update(dict.fromkeys(made_under_profilers(cell), "sure"))


# They show what they are given.
SHOWING = frozenset("print str repr display format".split())
# They put a function away, to be called later or never.
KEEPING = frozenset(
    "append add insert extend setdefault update register on_click observe connect bind add_callback add_done_callback put push"
    " set setattr partial vectorize lru_cache jit njit print type isinstance callable hasattr getattr id repr help signature"
    " getsource add_argument set_defaults tool delayed dump dumps".split()
)


def _keeps(call: ast.Call) -> bool:
    """Whether a call puts functions away that it is given: `handlers.append(f)`, `Thread(target=f)`."""
    name = called(call)
    return name in KEEPING or name[:1].isupper()


def use_of_lambda(node: ast.AST) -> bool:
    """Whether a statement makes a lambda or generator that its name stands for."""
    value = getattr(node, "value", None)
    if isinstance(value, (ast.Dict, ast.List, ast.Tuple)):
        parts = value.values if isinstance(value, ast.Dict) else value.elts
        return any(isinstance(one, ast.Lambda) for one in parts)
    return isinstance(value, (ast.Lambda, ast.GeneratorExp))


def _handed_over(one: Statement) -> dict[str, Spot]:
    """What lambdas and generators read that a statement makes and hands to a call: they run now."""
    if not one.use.deferred or isinstance(one.node, (ast.ClassDef, *FUNCTIONS)) or use_of_lambda(one.node):
        return {}
    inside: set[int] = {id(leaf) for node in _definitions(one.node) for leaf in walked(node)}
    if not any(
        isinstance(node, (ast.Lambda, ast.GeneratorExp)) and id(node) not in inside
        for node in walked(one.node)
    ):
        return {}
    own = {
        name
        for node in _definitions(one.node)
        if isinstance(node, FUNCTIONS)
        for name in function_names(node).free
    }
    return {name: spot for name, spot in one.use.deferred.items() if name not in own}


def _definitions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """The functions and classes that a statement makes, not those inside of them."""
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield one
        else:
            waiting += [
                child
                for child in ast.iter_child_nodes(one)
                if isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case))
            ]


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement that run with it: function bodies do not, lambdas that are handed to a call do."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
            waiting += [*one.decorator_list, *one.args.defaults]
        else:
            waiting += ast.iter_child_nodes(one)


def _class_reads(cell: int, node: ast.ClassDef) -> Deferred:
    methods: dict[str, Mapping[str, Spot]] = {"__init__": {}}
    calls: dict[str, frozenset[str]] = {}
    for item in node.body:
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            methods[item.name] = function_names(item).free
            owner = item.args.args[0].arg if item.args.args else "self"
            calls[item.name] = frozenset(
                leaf.attr
                for leaf in ast.walk(item)
                if isinstance(leaf, ast.Attribute)
                and isinstance(leaf.value, ast.Name)
                and leaf.value.id == owner
            )
    return Deferred(cell, node, {}, methods, calls)


def _queried(one: Statement) -> Iterator[tuple[str, Spot]]:
    """Names that `frame.query("a > @x")` reads."""
    nodes = [*_executed(one.node)]
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in nodes:
        match node:
            case ast.Call(
                func=ast.Attribute(attr="query" | "eval"), args=[ast.Constant(value=str(text)), *_]
            ):
                for name in re.findall(r"@([^\W\d]\w*)", text):
                    if name not in own:
                        yield name, spot_of(node)
            case _:
                pass


def is_platform_name(name: str) -> bool:
    """Whether a hosted platform puts this name into every notebook."""
    return bool(catalogue().platform(name))
