"""The notebook needs a Python file that lies beside it, or on a path that it adds itself.

The file does not travel with the notebook.
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB606",
    "imports-local-module",
    Severity.WARNING,
    message="`{module}` is a file of this project: it does not travel with the notebook",
    hint="make `{module}` an installable package, or keep it beside the notebook in version control",
)
GOOD = [cells("import json")]
BAD = [
    (
        cells("import sys\nsys.path.append('../src')\nimport features"),
        ["1:3 `features` is a file of this project: it does not travel with the notebook"],
    )
]
# What people call their own files.
OWN_NAMES = frozenset(
    "utils util helpers helper functions my_functions config settings src lib common tools preprocessing features model models"
    " data_utils plotting helper_functions utilities my_utils constants dataset datasets_local custom scripts local".split()
)


def check(view: View) -> Iterator[Finding]:
    """The first import of each such module."""
    seen: set[str] = set()
    added = min(
        (
            call.run
            for call in view.calls
            if call.name in ("sys.path.append", "sys.path.insert", "site.addsitedir")
        ),
        default=None,
    )
    for cell in view.cells:
        for one in cell.statements:
            roots = [(item.module, item.name) for item in one.imports] + [
                (module, module) for module in one.star_imports
            ]
            for module, name in roots:
                root = module.partition(".")[0]
                is_after = added is not None and (added.cell, added.line) <= (cell.number, one.first)
                if root not in seen and _is_local(view, module, root, is_after=is_after):
                    seen.add(root)
                    yield RULE.at(Spot(cell.number, one.first), variable=name, module=module)


def _is_local(view: View, module: str, root: str, *, is_after: bool) -> bool:
    if module.startswith("."):
        return True
    if root in view.facts.local_modules and not view.know.is_standard(root):
        return True
    return not view.know.is_known(root) and not view.know.platform(module) and (is_after or root in OWN_NAMES)
