"""Which functions and classes can stand once in functions.py, and what their calls must pass to them.

A definition is hoisted when nothing can tell the difference: it is defined once, its defaults and decorators are
constant, and all that it reads when called are imports, other hoisted definitions, or variables that every call
can hand over by keyword. All others stay where the author wrote them.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nb2pipe.analysis import Facts, ImportedName, Statement
from nb2pipe.analysis.hazards import BUILTINS
from nb2pipe.analysis.inner_names import COMPREHENSIONS, FUNCTIONS, immediate_parts
from nb2pipe.notebooks.walking import walked

from .model import Definition
from .timeless import dotted, is_constant, is_timeless
from .type_names import named_type

_PURE_DECORATORS = frozenset(
    "dataclass dataclasses.dataclass staticmethod classmethod property contextmanager contextlib.contextmanager"
    " njit jit numba.njit numba.jit vectorize numba.vectorize functools.wraps wraps total_ordering"
    " functools.total_ordering abstractmethod abc.abstractmethod torch.no_grad typing.no_type_check".split()
)
_MEMBERS_BASES = frozenset("Enum IntEnum Flag IntFlag StrEnum".split())
_VALUE_BASES = _MEMBERS_BASES | frozenset("NamedTuple TypedDict Protocol".split())


@dataclass(frozen=True, slots=True)
class Bindings:
    """How often each name is bound, and which names are used otherwise than by a direct call."""

    counts: Mapping[str, int]
    values: frozenset[str]  # names that are read as values, not called
    changed: frozenset[str]  # names that get an attribute set


def bindings(statements: Iterable[Statement], raw: frozenset[int] = frozenset()) -> Bindings:
    """One pass over the notebook's trees; calls in the `raw` cells cannot be rewritten."""
    counts: dict[str, int] = {}
    values: set[str] = set()
    changed: set[str] = set()
    for statement in statements:
        for name in {*statement.use.binds, *statement.use.deletes, *statement.use.global_writes}:
            counts[name] = counts.get(name, 0) + 1
        values |= statement.use.in_strings
        if statement.cell in raw:
            values |= statement.use.reads.keys() | statement.use.deferred.keys()
        called = set()
        for node in walked(statement.node):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called.add(id(node.func))
            elif isinstance(node, ast.Name) and id(node) not in called and isinstance(node.ctx, ast.Load):
                values.add(node.id)
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                changed.add(dotted(node).partition(".")[0])
    return Bindings(counts, frozenset(values), frozenset(changed))


def hoistable(
    facts: Facts,
    uses: Bindings,
    imports: Mapping[str, ImportedName],
    raw: frozenset[int] = frozenset(),
) -> tuple[Definition, ...]:
    """The definitions that can stand in functions.py, in document order; none from the `raw` cells."""
    early = _reading_builtins(facts)
    found = {
        name: statement
        for statement in facts.statements
        if statement.cell not in raw and (statement.cell, statement.place) not in early
        if (name := _plain_name(statement, uses, imports))
    }
    while True:
        passes = _passes(found, facts.bound, imports)
        bad = {name for name in found if not _fits(name, passes, found, facts, uses, imports)}
        if not bad:
            return tuple(Definition(name, one, tuple(sorted(passes[name]))) for name, one in found.items())
        found = {name: one for name, one in found.items() if name not in bad}


def _reading_builtins(facts: Facts) -> set[tuple[int, int]]:
    """Statements whose functions read a builtin until the notebook binds its name: `from math import pow`."""
    shadowed = facts.bound & BUILTINS
    found: set[tuple[int, int]] = set()
    bound: set[str] = set()
    for statement in facts.statements if shadowed else ():
        if not shadowed.isdisjoint(statement.use.deferred.keys() - bound):
            found.add((statement.cell, statement.place))
        bound |= statement.use.binds.keys()
    return found


def _plain_name(statement: Statement, uses: Bindings, imports: Mapping[str, ImportedName]) -> str:
    """The name of what a statement defines, if nothing around the statement matters to it, else ""."""
    name = statement.definition or named_type(statement.node, imports)
    if uses.counts.get(name) != 1 or name in uses.changed or statement.use.global_writes:
        return ""
    is_plain = _is_plain(statement, uses, imports) if statement.definition else True
    return name if is_plain else ""


def _is_plain(statement: Statement, uses: Bindings, imports: Mapping[str, ImportedName]) -> bool:
    node = statement.node
    if not all(dotted(one) in _PURE_DECORATORS for one in getattr(node, "decorator_list", ())):
        return False
    if isinstance(node, ast.ClassDef):
        return _is_stateless(node, imports, uses.changed)
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    return _has_constant_defaults(node.args, uses.changed)


def _has_constant_defaults(arguments: ast.arguments, changed: frozenset[str]) -> bool:
    defaults = [*arguments.defaults, *(one for one in arguments.kw_defaults if one is not None)]
    return all(is_constant(one, changed) for one in defaults)


def _is_stateless(node: ast.ClassDef, imports: Mapping[str, ImportedName], changed: frozenset[str]) -> bool:
    """Whether the class object holds nothing that changes after its definition, and nobody sees when it is made."""
    bases = {dotted(base).rpartition(".")[2] for base in node.bases}
    by_value = bool(bases & _VALUE_BASES) or any("dataclass" in dotted(one) for one in node.decorator_list)
    if not all(is_timeless(base, imports, changed) or isinstance(base, ast.Subscript) for base in node.bases):
        return False
    for item in node.body:
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if not _is_stateless_method(item, changed) or (bases & _MEMBERS_BASES and _makes_members(item)):
                return False
        elif isinstance(item, (ast.Assign, ast.AnnAssign)):
            if item.value is None or _is_constant_or_method(item.value, changed):
                continue
            if not by_value or not is_timeless(item.value, imports, changed):
                return False
        elif not (
            isinstance(item, ast.Pass)
            or (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))
        ):
            return False
    # `Name.x = ...`, `cls.x = ...` or `type(self).x = ...` in a method changes the class itself.
    return not any(
        isinstance(leaf, ast.Attribute)
        and not isinstance(leaf.ctx, ast.Load)
        and (isinstance(leaf.value, ast.Call) or dotted(leaf.value) in ("cls", node.name, "self.__class__"))
        for leaf in walked(node)
    )


def _is_constant_or_method(node: ast.expr, changed: frozenset[str]) -> bool:
    """Whether an attribute is a constant, or a method by another spelling: `x = property(lambda self: self.real)`."""
    if isinstance(node, ast.Call) and dotted(node.func) in ("property", "staticmethod", "classmethod"):
        given = [*node.args, *(one.value for one in node.keywords)]
        return all(_is_constant_or_method(one, changed) for one in given)
    if isinstance(node, ast.Lambda):
        return _has_constant_defaults(node.args, changed)
    return is_constant(node, changed)


def _makes_members(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it is called for each member of an enumeration, and does more than to set attributes."""
    is_called = node.name in ("__init__", "__new__", "_generate_next_value_")
    return is_called and any(isinstance(leaf, ast.Call) for leaf in walked(node))


def _is_stateless_method(node: ast.FunctionDef | ast.AsyncFunctionDef, changed: frozenset[str]) -> bool:
    known = {"staticmethod", "classmethod", "property", "abstractmethod", "override"}
    decorated = all(
        dotted(one).rpartition(".")[2] in known | {"setter", "deleter"} for one in node.decorator_list
    )
    return decorated and _has_constant_defaults(node.args, changed)


def _passes(
    found: Mapping[str, Statement], bound: frozenset[str], imports: Mapping[str, object]
) -> dict[str, frozenset[str]]:
    """The variables that each definition reads when called, through the definitions that it calls as well."""
    own = {
        name: frozenset(_reads_when_called(one) & bound) - imports.keys() - found.keys()
        for name, one in found.items()
    }
    calls = {name: _reads_when_called(one) & found.keys() for name, one in found.items()}
    while True:
        wider = {name: own[name].union(*(own[callee] for callee in calls[name])) for name in found}
        if wider == own:
            return own
        own = wider


def _reads_when_called(statement: Statement) -> set[str]:
    return {*statement.use.deferred} - {statement.definition}


def _fits(
    name: str,
    passes: Mapping[str, frozenset[str]],
    found: Mapping[str, Statement],
    facts: Facts,
    uses: Bindings,
    imports: Mapping[str, object],
) -> bool:
    statement = found[name]
    immediate = {*statement.use.reads} & facts.bound
    if not immediate <= imports.keys() | found.keys():
        return False
    if any(passes[one] for one in immediate & found.keys()):
        return False
    needed = passes[name]
    if not needed:
        return True
    if isinstance(statement.node, ast.ClassDef) or name in uses.values:
        return False
    node = statement.node
    if not isinstance(node, ast.FunctionDef) or node.args.kwarg is not None or node.decorator_list:
        return False
    if needed & _locals(node):  # a name in a string may be the function's own
        return False
    if reads_late(node) and any(uses.counts.get(one, 0) != 1 for one in needed):
        return False
    return _calls_can_pass(name, needed, found, facts)


def reads_late(node: ast.FunctionDef) -> bool:
    """Whether something inside the function may read variables after the call has returned."""
    late = (*FUNCTIONS, ast.GeneratorExp, ast.Yield, ast.YieldFrom, ast.ClassDef)
    return any(isinstance(leaf, late) for leaf in walked(node) if leaf is not node)


def _calls_can_pass(name: str, needed: frozenset[str], found: Mapping[str, Statement], facts: Facts) -> bool:
    """Whether each call sees the variables under their own names, bound, and in a place that can be rewritten."""
    known: set[str] = set()
    texts = {cell.number: cell.lifted.python for cell in facts.cells}
    for statement in facts.statements:
        surely = {one for one, sure in statement.use.binds.items() if sure}
        uses = name in statement.use.reads or name in statement.use.deferred
        if uses and statement.definition != name:
            if isinstance(statement.node, ast.ClassDef):
                return False
            is_hoisted = statement.definition in found
            if not is_hoisted and not needed <= known | surely:
                return False
        if uses and any(hidden & needed for hidden in _hidden_at_calls(statement.node, name)):
            return False
        if uses and not _strings_can_change(statement, name, texts[statement.cell]):
            return False
        known.update(surely | (statement.use.looped & statement.use.binds.keys()))
        known.difference_update(statement.use.deletes)
    return True


def _strings_can_change(statement: Statement, name: str, text: str) -> bool:
    """Whether all calls of a function inside f-strings can be rewritten: not in `f"{f(x)=}"`, which shows its text.

    Before Python 3.12 the places of what stands inside an f-string are wrong where it has several lines.
    """
    lines = text.split("\n")
    for string in walked(statement.node):
        if isinstance(string, ast.JoinedStr):
            before = ""
            for part in string.values:
                calls = [leaf for leaf in walked(part) if _is_call_of(leaf, name)]
                if calls and _shows_itself(part, before):
                    return False
                if not all(_stands_where_it_says(call, name, lines) for call in calls):
                    return False
                before = str(part.value) if isinstance(part, ast.Constant) else ""
    return True


def _is_call_of(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _shows_itself(part: ast.expr, before: str) -> bool:
    """Whether the text before a part of an f-string ends with the part's own code and `=`."""
    if not isinstance(part, ast.FormattedValue) or not before.rstrip().endswith("="):
        return False
    code, shown = (re.sub(r"[\s'\"()]", "", one) for one in (ast.unparse(part.value), before))
    return shown.endswith(f"{code}=")


def _stands_where_it_says(call: ast.AST, name: str, lines: Sequence[str]) -> bool:
    assert isinstance(call, ast.Call)
    assert call.end_lineno is not None
    assert call.end_col_offset is not None
    if max(call.lineno, call.end_lineno) > len(lines):
        return False
    first, last = lines[call.lineno - 1].encode(), lines[call.end_lineno - 1].encode()
    begins = first[call.col_offset :].startswith(name.encode())
    return begins and last[: call.end_col_offset].endswith(b")")


def _hidden_at_calls(tree: ast.AST, name: str) -> Iterator[set[str]]:
    """For each call of `name`: the local names of the functions and comprehensions around it."""

    def walk(node: ast.AST, hidden: set[str]) -> Iterator[set[str]]:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            generator = node.args and isinstance(node.args[-1], ast.GeneratorExp) and len(node.args) == 1
            yield hidden | ({*_everything} if generator else set())
        inner = hidden
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            for part in immediate_parts(node):
                yield from walk(part, hidden)
            inner = hidden | _locals(node)
            body: Sequence[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else node.body
            for child in body:
                yield from walk(child, inner)
            return
        if isinstance(node, COMPREHENSIONS):
            inner = hidden | _locals(node)
        for each in ast.iter_child_nodes(node):
            yield from walk(each, inner)

    _everything = {leaf.id for leaf in walked(tree) if isinstance(leaf, ast.Name)}
    yield from walk(tree, set())


def _locals(node: ast.AST) -> set[str]:
    """Every name that is bound anywhere inside: more than the locals, which is the safe side."""
    names = {
        leaf.id for leaf in walked(node) if isinstance(leaf, ast.Name) and not isinstance(leaf.ctx, ast.Load)
    }
    return names.union(leaf.arg for leaf in walked(node) if isinstance(leaf, ast.arg))
