"""A value that cannot be stored is made in one cell and used in another.

The two cells cannot become separate processes.
"""

from collections.abc import Iterator

from nb2pipe.analysis.tracing import Thing
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB801",
    "unpicklable-across-cells",
    Severity.INFO,
    message="`{variable}` is {what}, which cannot be stored, and cell {reader} uses it",
    hint="make and use `{variable}` in one cell, or make it something that can be stored",
)
GOOD = [cells("def f(v):\n    return v", "print(f(1))")]
BAD = [
    (
        cells("f = lambda v: v", "print(f(1))"),
        ["1:1 `f` is a lambda, which cannot be stored, and cell 2 uses it"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The names of such values that other cells read."""
    readers = view.graph.readers()
    seen: set[tuple[int, str]] = set()
    for one in view.trace.bindings:
        key = (one.run.cell, one.name)
        what = _why(view, one.thing)
        others = [cell for cell in readers.get(key, ()) if cell != one.run.cell]
        if what and others and key not in seen and view.trace.namespace.get(one.name, one.thing) is one.thing:
            seen.add(key)
            yield RULE.at(
                Spot(one.run.cell, one.place.line),
                variable=one.name,
                related=[Spot(others[0])],
                what=what,
                reader=others[0],
            )


def _why(view: View, thing: Thing) -> str:
    """What makes the value impossible to store, else ""."""
    if thing.kind == "function":
        is_inner = thing.scope is not None and thing.scope.outer is not None
        return "a lambda" if thing.origin == "lambda" else "a function made in a function" if is_inner else ""
    if thing.kind != "value":
        return ""
    if thing.type == "generator":
        return "a generator"
    found = view.know.why_unpicklable(thing.origin, thing.given) if thing.origin else ""
    if not found and thing.type and thing.type != thing.origin:
        found = view.know.why_unpicklable(thing.type)
    if not found and thing.origin == "collections.defaultdict":
        makers = [one for one in thing.sources if one.kind == "function" and one.origin == "lambda"]
        found = "a dictionary that calls a lambda" if makers else ""
    if not found and thing.origin == "display":
        parts = [*(thing.keyed or {}).values()]
        found = next(
            (
                "a container of lambdas"
                for part in parts
                if part.kind == "function" and part.origin == "lambda"
            ),
            "",
        )
    return found
