"""An imported name is bound to something else.

Running an earlier cell again, or moving one, then finds the new thing where it means the import.
"""

from collections.abc import Iterator

from nb2pipe.analysis.tracing import Binding
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB205",
    "shadows-import",
    Severity.WARNING,
    message="`{variable}` was imported in cell {importer} and gets another meaning here",
    hint="choose another name for the new thing",
)
GOOD = [cells("import time", "seconds = 3", "print(seconds)")]
BAD = [
    (
        cells("import time", "time = 3", "print(time)"),
        ["2:1 `time` was imported in cell 1 and gets another meaning here"],
    )
]


def check(view: View) -> Iterator[Finding]:
    """The bindings that take an import's name for something else."""
    imports: dict[str, Binding] = {}
    for one in view.trace.bindings:
        before = imports.get(one.name)
        if one.kind == "import":
            if before is not None and not one.is_guarded and not before.is_guarded and _differs(one, before):
                yield RULE.at(
                    Spot(*one.place), variable=one.name, related=[before.place], importer=before.run.cell
                )
            imports[one.name] = one
        elif before is not None and not one.is_guarded:
            del imports[one.name]
            yield RULE.at(Spot(*one.run), variable=one.name, related=[before.place], importer=before.run.cell)


def _differs(one: Binding, before: Binding) -> bool:
    """Whether two imports bind different things; variants of one name (`tqdm.tqdm`, `tqdm.auto.tqdm`) do not."""
    last, earlier = one.thing.origin, before.thing.origin
    if (
        last.partition(".")[0] == earlier.partition(".")[0]
        and last.rpartition(".")[2] == earlier.rpartition(".")[2]
    ):
        return last.startswith(earlier + ".") or earlier.startswith(last + ".")
    return last != earlier
