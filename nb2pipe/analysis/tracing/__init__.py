"""Facts -> Trace: what objects the notebook's names stand for, who changes them, and what the code touches.

One walk over the cells in a given order, as an abstract run: each expression gives a `Thing` with its type, its
origin and what it shares with others; calls of the notebook's own functions are walked with their arguments, those
of libraries are answered by the catalogue. Nothing is run.
"""

from collections.abc import Iterable

from nb2pipe.analysis.model import Facts

from .functions import invoke
from .records import Binding, Call, Certainty, Change, Trace, Use
from .state import Tracer
from .statements import statement
from .things import NOWHERE, Place, Scope, Thing, ancestors

__all__ = [
    "NOWHERE",
    "Binding",
    "Call",
    "Certainty",
    "Change",
    "Place",
    "Thing",
    "Trace",
    "Use",
    "ancestors",
    "trace",
]


def trace(facts: Facts, order: Iterable[int] | None = None) -> Trace:
    """The trace of the cells in this order (the facts' own by default)."""
    t = Tracer()
    t.scope = t.globals
    cells = {cell.number: cell for cell in facts.cells}
    for number in order or cells:
        for one in cells[number].statements:
            t.cell = number
            t.run = Place(number, one.first, one.node.col_offset + 1)
            try:
                statement(t, one.node)
            except RecursionError:  # an expression of a thousand terms
                t.scope, t.journal, t.guards = t.globals, None, 0
                t.active.clear()
    _walk_uncalled(t)
    return Trace(
        tuple(t.calls),
        tuple(t.uses),
        tuple(t.changes),
        tuple(t.bindings),
        tuple(t.reads),
        dict(t.globals.names),
    )


def _walk_uncalled(t: Tracer) -> None:
    """Functions that nobody calls still hold calls that the text shows."""
    t.run = NOWHERE
    changes, bindings = len(t.changes), len(t.bindings)
    for function in list(t.functions):
        if function.node is not None and function.node not in t.visits:
            t.guards += 1
            try:
                invoke(t, function, [], {})
            except RecursionError:
                t.scope = Scope()
                t.active.clear()
            t.guards -= 1
    del t.changes[changes:]
    del t.bindings[bindings:]
