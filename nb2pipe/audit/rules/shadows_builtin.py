"""A builtin gets another meaning.

Every later cell, also one that is added later, calls the new thing where it means the builtin.
"""

from collections.abc import Iterator

from nb2pipe.analysis.hazards import BUILTINS
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB204",
    "shadows-builtin",
    Severity.WARNING,
    message="`{variable}` is a builtin of Python and gets another meaning here",
    hint="choose another name, for example `{variable}_`",
)
GOOD = [cells("items = [1]")]
BAD = [(cells("list = [1]"), ["1:1 `list` is a builtin of Python and gets another meaning here"])]
# Put there for the prompt, not for programs.
PROMPT = frozenset("copyright credits license exit quit help _".split())
# Backports of the builtins themselves.
BACKPORTS = ("builtins", "six", "past", "future", "io", "__future__", "tqdm")


def check(view: View) -> Iterator[Finding]:
    """The first binding of each builtin."""
    seen: set[str] = set()
    for one in view.trace.bindings:
        name = one.name
        if name not in BUILTINS or name in PROMPT or name in seen or name.startswith("__"):
            continue
        if one.kind == "import" and one.thing.origin.partition(".")[0] in (*BACKPORTS, name):
            continue
        seen.add(name)
        place = one.place if one.place.cell == one.run.cell else one.run
        yield RULE.at(Spot(*place), variable=name)
