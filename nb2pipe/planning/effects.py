"""What each statement does to the *variables* of the pipeline, once imports, definitions and parameters are set apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nb2pipe.analysis import Facts, Statement

from .model import Definition, Parameter


@dataclass(frozen=True, slots=True)
class Effect:
    """One statement's dealings with variables; `is_code` is false where the rewriter takes the statement away."""

    cell: int
    place: int  # of the statement in its cell
    reads: frozenset[str]
    firm: frozenset[str]  # of these: those that surely are read
    deferred: frozenset[str]  # read by functions that outlive the statement
    sure: frozenset[str]
    maybe: frozenset[str]  # bound on some paths only
    looped: frozenset[str]  # of these: bound unless a loop is empty
    deletes: frozenset[str]
    maybe_deletes: frozenset[str]  # of these: on some paths only
    params: frozenset[str]
    names: frozenset[str]  # every import and definition that it mentions
    later_imports: frozenset[str]  # imports that its functions read when they are called
    is_code: bool

    @property
    def needs(self) -> frozenset[str]:
        """All variables whose value the statement may look at, now or later."""
        return self.reads | self.deferred


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Names that are not variables of the pipeline, and what they bring with them."""

    variables: frozenset[str]  # what is left
    imports: frozenset[str]
    passes: Mapping[str, frozenset[str]]  # definition -> variables and parameters that its calls pass
    constants: frozenset[str]
    literals: Mapping[tuple[int, int], frozenset[str]]  # (cell, line) -> literal parameters used there


def effects(
    facts: Facts, imports: Iterable[str], definitions: Sequence[Definition], parameters: Sequence[Parameter]
) -> tuple[Effect, ...]:
    """The effects of all statements in document order."""
    elsewhere = _elsewhere(facts.bound, frozenset(imports), tuple(definitions), parameters)
    gone = {one.place for one in definitions} | {one.statement for one in parameters if one.statement}
    return tuple(
        _effect(one, facts.bound, elsewhere, (one.cell, one.place) in gone) for one in facts.statements
    )


def _elsewhere(
    bound: frozenset[str],
    imports: frozenset[str],
    definitions: Sequence[Definition],
    parameters: Iterable[Parameter],
) -> Elsewhere:
    literals: dict[tuple[int, int], set[str]] = {}
    for one in parameters:
        for cell, line, *_ in one.literals:
            literals.setdefault((cell, line), set()).add(one.name)
    return Elsewhere(
        variables=bound - imports - {one.name for one in definitions},
        imports=imports,
        passes={one.name: frozenset(one.passes) for one in definitions},
        constants=frozenset(one.name for one in parameters if one.is_constant),
        literals={place: frozenset(names) for place, names in literals.items()},
    )


def _effect(statement: Statement, bound: frozenset[str], elsewhere: Elsewhere, is_gone: bool) -> Effect:
    use = statement.use
    variables = elsewhere.variables
    reads = bound.intersection([*use.reads, *use.in_strings])
    deferred = bound.intersection(use.deferred)
    if is_gone:
        reads, deferred = frozenset(), frozenset()
    mentioned = (reads | deferred) - variables
    if mentioned:
        reads = reads.union(*(elsewhere.passes.get(name, ()) for name in reads))
        deferred = deferred.union(*(elsewhere.passes.get(name, ()) for name in deferred))
    lines = range(statement.first, statement.last + 1) if elsewhere.literals else ()
    literal = frozenset().union(*(elsewhere.literals.get((statement.cell, line), ()) for line in lines))
    constants = elsewhere.constants
    binds = {} if is_gone else {name: sure for name, sure in use.binds.items() if name in variables}
    is_import = statement.is_import and all(one.name in elsewhere.imports for one in statement.imports)
    return Effect(
        cell=statement.cell,
        place=statement.place,
        reads=(reads & variables) - constants,
        firm=frozenset(use.firm) & reads,
        deferred=(deferred & variables) - constants,
        sure=frozenset(name for name, sure in binds.items() if sure),
        maybe=frozenset(name for name, sure in binds.items() if not sure),
        looped=frozenset(use.looped),
        deletes=variables.intersection(use.deletes),
        maybe_deletes=variables.intersection(use.deletes).intersection(use.maybe_deletes),
        params=((reads | deferred) & constants) | literal,
        names=mentioned,
        later_imports=elsewhere.imports.intersection(use.deferred) if not is_gone else frozenset(),
        is_code=not (is_gone or is_import),
    )
