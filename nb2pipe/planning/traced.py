"""What a trace of the notebook adds to a plan: changes in place, ambient state, and the types of variables.

Nothing here decides what crosses a border; it makes declared interfaces true to what happens, and readable.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nb2pipe.analysis import Facts, ImportedName
from nb2pipe.analysis.catalogue import catalogue
from nb2pipe.analysis.tracing import Binding, Trace, trace

# Types that surely are there under this name, with the module that has them.
_KNOWN = frozenset(
    "pandas.DataFrame pandas.Series pandas.Index pandas.Timestamp numpy.ndarray list dict set tuple str".split()
)
_CARRIED = frozenset(("draw", "seed", "advance", "write"))
_PASSING = frozenset("figure clock entropy network machine clipboard database stdin process".split())


@dataclass(frozen=True, slots=True)
class Traced:
    """What happens in each cell (by number), in the order in which the cells run."""

    changes: Mapping[int, frozenset[str]]  # variables changed in place, surely or likely
    touches: Mapping[int, frozenset[str]]  # ambient state that is set, drawn from or read after it was set
    fitted: frozenset[str]  # variables that hold fitted estimators
    types: Mapping[int, tuple[tuple[str, str, bool], ...]]  # name bound, qualified type, whether perhaps


NOT_TRACED = Traced({}, {}, frozenset(), {})


def traced(facts: Facts) -> Traced:
    """The trace of a notebook, cell by cell."""
    numbers = [cell.number for cell in facts.cells]
    found = trace(facts, numbers)
    changes: dict[int, set[str]] = {}
    for change in found.changes:
        if change.certainty != "possible":
            changes.setdefault(change.run.cell, set()).update(change.names)
    return Traced(
        changes={cell: frozenset(names) for cell, names in changes.items()},
        touches=_touches(found, numbers, _absent(facts)),
        fitted=_fitted(found),
        types=_types(found.bindings),
    )


def _fitted(found: Trace) -> frozenset[str]:
    """The names of objects whose `fit` is called by the notebook's own lines, and of what `fit` returns."""
    by_change = {name for one in found.changes if one.how == "method:fit" for name in one.names}
    by_value = {one.name for one in found.bindings if one.thing.origin.rpartition(".")[2] == "fit"}
    return frozenset(by_change | by_value)


def _absent(facts: Facts) -> frozenset[str]:
    """Libraries that a method of an unknown object cannot belong to, since the notebook does not import them."""
    roots = {one.root for statement in facts.statements for one in statement.imports}
    return frozenset(("torch", "tensorflow")) - (roots | {"tensorflow"} if "keras" in roots else roots)


def _touches(found: Trace, numbers: Iterable[int], absent: frozenset[str]) -> dict[int, frozenset[str]]:
    by_cell: dict[int, set[tuple[str, bool]]] = {}
    for call in found.calls:
        for touch in catalogue().touches(call.name, call.given):
            if touch.resource not in _PASSING | absent:
                here = by_cell.setdefault(call.run.cell, set())
                here.add((touch.resource, touch.role in _CARRIED))
    known: set[str] = set()
    touched: dict[int, frozenset[str]] = {}
    for number in numbers:
        here = by_cell.get(number, set())
        known |= {resource for resource, is_set in here if is_set}
        touched[number] = frozenset(resource for resource, _ in here) & known
    return touched


def _types(bindings: Iterable[Binding]) -> dict[int, tuple[tuple[str, str, bool], ...]]:
    found: dict[int, list[tuple[str, str, bool]]] = {}
    for one in bindings:
        kind = "" if one.thing.alts else one.thing.type or ""
        found.setdefault(one.run.cell, []).append((one.name, kind, one.is_guarded))
    return {cell: tuple(types) for cell, types in found.items()}


def types_after(known: Mapping[str, str], cells: Iterable[int], found: Traced) -> dict[str, str]:
    """The types of variables after some more cells; "" where they cannot be told for sure."""
    types = dict(known)
    for cell in cells:
        for name, kind, is_guarded in found.types.get(cell, ()):
            types[name] = kind if not is_guarded or types.get(name) == kind else ""
    return types


def annotation(kind: str, imports: Mapping[str, ImportedName]) -> str:
    """How the notebook itself would write a type, "" where it has no sure name for it."""
    if kind in _KNOWN:
        module, _, last = kind.rpartition(".")
        if not module:
            return kind
        return next((f"{name}.{last}" for name, one in _modules(imports) if one.qualified == module), "")
    return next((name for name, one in imports.items() if one.attribute and one.qualified == kind), "")


def _modules(imports: Mapping[str, ImportedName]) -> Iterator[tuple[str, ImportedName]]:
    return ((name, one) for name, one in imports.items() if not one.attribute)
