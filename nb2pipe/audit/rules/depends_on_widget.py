"""A value comes from a widget.

Without a person there is only its default, and the saved results come from another setting.
"""

from collections.abc import Iterator

from nb2pipe.analysis.tracing import Thing, ancestors
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB806",
    "depends-on-widget",
    Severity.WARNING,
    message="{what} depends on what a person does with a widget",
    hint="make the value a parameter of the notebook, and let the widget only set it",
)
GOOD = [cells("n = 3")]
BAD = [
    (
        cells("import ipywidgets as w\ns = w.IntSlider()", "n = s.value"),
        ["2:1 `value` depends on what a person does with a widget"],
    )
]
READ = frozenset("value selected_index index label options data children result kwargs".split())
REGISTERED = frozenset("observe on_click on_submit on_trait_change on_value_change link".split())
INTERACTIVE = frozenset(
    "ipywidgets.interact ipywidgets.interactive ipywidgets.interact_manual ipywidgets.interactive_output"
    " ipywidgets.interact.options ipywidgets.jslink ipywidgets.link".split()
)


def check(view: View) -> Iterator[Finding]:
    """The first such place of each cell."""
    found: dict[int, Finding] = {}
    for use in view.trace.uses:
        name = use.name.rpartition(".")[2]
        if (
            name in READ
            and not use.is_written
            and any(_is_widget(view, one) for one in use.thing.sources[:1])
        ):
            found.setdefault(use.place.cell, RULE.at(Spot(*use.place), what=f"`{name}`"))
    for call in view.trace.calls:
        is_registered = (
            call.method in REGISTERED and call.receiver is not None and _is_widget(view, call.receiver)
        )
        if is_registered or call.name in INTERACTIVE:
            found.setdefault(call.place.cell, RULE.at(Spot(*call.place), what=f"`{call.method}`"))
    yield from found.values()


def _is_widget(view: View, thing: Thing) -> bool:
    return any(one.origin and view.know.is_widget(one.origin) for one in ancestors(thing, 4))
