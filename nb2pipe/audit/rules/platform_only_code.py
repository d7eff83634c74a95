"""The code needs a hosted platform (Colab, Kaggle, Databricks, ...) and fails elsewhere.

Its modules, folders and ready-made names exist only there.
"""

from collections.abc import Iterator

from nb2pipe.analysis.guards import is_guarded
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.audit.platforms import PLATFORM_MAGICS

RULE = Rule(
    "NB602",
    "platform-only-code",
    Severity.WARNING,
    message="{what} exists on {platform} only",
    hint="keep what needs {platform} in one cell that other places can leave out",
)
GOOD = [cells("from pathlib import Path")]
BAD = [(cells("from google.colab import files"), ["1:1 `google.colab.files` exists on Colab only"])]

Use = tuple[int, int, int, str, str]  # cell, line, column, what, platform
PATHS = ("/", "../input/")


def check(view: View) -> Iterator[Finding]:
    """The first use of each platform."""
    seen: set[str] = set()
    for cell, line, column, what, platform in sorted(_uses(view)):
        if platform not in seen:
            seen.add(platform)
            yield RULE.at(Spot(cell, line, column), what=what, platform=platform)


def _uses(view: View) -> Iterator[Use]:
    yield from _names(view)
    yield from _paths(view)
    for cell in view.cells:
        for magic in cell.lifted.magics:
            folder = magic.argument.strip(" '\"") if magic.name == "cd" else ""
            platform = PLATFORM_MAGICS.get(magic.name) or _platform_of_path(view, folder)
            if magic.kind in ("line", "cell") and platform:
                yield cell.number, magic.line, 1, f"`%{magic.name} {folder}`".replace(" `", "`"), platform


def _names(view: View) -> Iterator[Use]:
    """Modules and ready-made names."""
    bound = view.facts.bound
    for use in view.trace.uses:
        name = use.name.removesuffix(".*")
        if use.is_guarded or name[:1] == "." or name in bound or name.partition(".")[0] == "pyspark":
            continue
        platform = view.know.platform(name)
        if platform:
            yield *use.place, f"`{name}`", platform
    for call in view.trace.calls:
        name = call.name
        is_own = name.isidentifier() and name in bound
        if not call.is_guarded and name[:1] != "." and not is_own and call.receiver is None:
            platform = view.know.platform(name)
            if platform:
                yield *call.place, f"`{name}`", platform


def _paths(view: View) -> Iterator[Use]:
    for cell, node in view.texts:
        if isinstance(node.value, str) and node.value.startswith(PATHS):
            platform = _platform_of_path(view, node.value)
            if platform and not _is_guarded(view, cell, (node.lineno, node.col_offset)):
                yield cell, node.lineno, node.col_offset + 1, repr(node.value[:50]), platform


def _is_guarded(view: View, cell: int, spot: tuple[int, int]) -> bool:
    """Whether the text stands under a condition, such as `if IN_COLAB:`."""
    return any(is_guarded(one.node, spot) for one in view.statements_at(cell, spot[0]))


def _platform_of_path(view: View, path: str) -> str:
    return view.know.platform(path) if path.startswith(PATHS) and "\n" not in path and len(path) < 300 else ""
