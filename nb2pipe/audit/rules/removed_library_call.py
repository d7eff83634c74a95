"""A call or module is gone from current releases of its library.

A fresh environment fails here. Without knowing the installed versions this is a warning.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB604",
    "removed-library-call",
    Severity.WARNING,
    message="{what} is gone since {library} {version}",
    hint="use {replacement} instead",
)
GOOD = [cells("x = float(1)")]
BAD = [(cells("import numpy as np\nx = np.float(1)"), ["1:2 `numpy.float` is gone since numpy 1.24"])]


def check(view: View) -> Iterator[Finding]:
    """One finding for each cell and removed name."""
    seen: set[tuple[int, str]] = set()
    imported = {one.place for one in view.trace.bindings if one.kind == "import"}
    said: set[str] = set()  # of imports: once is enough
    for cell, line, column, name, given, is_guarded in _uses(view):
        if is_guarded:
            continue
        removed = view.know.removed(name, given)
        if removed is None or (cell, removed.name) in seen or removed.name in said or _is_own(view, name):
            continue
        if (cell, line, column) in imported:
            said.add(removed.name)
        seen.add((cell, removed.name))
        yield RULE.at(
            Spot(cell, line, column),
            what=_what(view, removed.name),
            library=_library(view, name),
            version=removed.version,
            replacement=removed.replacement or "what the release notes name",
        )


def _uses(view: View) -> Iterator[tuple[int, int, int, str, dict[int | str, object], bool]]:
    """Imports first: what is said of an import is not said again of each use."""
    imported = {one.place for one in view.trace.bindings if one.kind == "import"}
    may_be_removed = view.know.may_be_removed
    tried = tuple(
        f"{one.thing.origin}." for one in view.trace.bindings if one.kind == "import" and one.is_guarded
    )
    uses = [use for use in view.trace.uses if not use.is_written and may_be_removed(use.name)]
    for use in sorted(uses, key=lambda one: one.place not in imported):
        if not use.name.startswith(tried):
            yield *use.place, use.name, {}, use.is_guarded
    for call in view.trace.calls:
        if may_be_removed(call.name) and not call.name.startswith(tried):
            yield *call.place, call.name, dict(call.given), call.is_guarded


def _what(view: View, name: str) -> str:
    """The name, or that an argument given here is meant and not the name itself."""
    if view.know.removed(name) is not None:
        return f"`{name}`"
    return f"an argument (or its value) of `{name}` that is given here"


def _is_own(view: View, name: str) -> bool:
    """Whether the notebook binds the name itself."""
    root = name.partition(".")[0]
    return (
        bool(root)
        and root in view.facts.bound
        and view.trace.namespace.get(root) is not None
        and (view.trace.namespace[root].kind != "name")
    )


def _library(view: View, name: str) -> str:
    root = name.partition(".")[0]
    if not root:
        return "pandas"
    return "Python" if view.know.is_standard(root) or not view.know.is_known(root) else root
