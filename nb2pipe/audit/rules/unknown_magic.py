"""A magic that neither IPython has nor an extension that was loaded above brings.

In a clean kernel the cell stops with "magic not found".
"""

from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.audit.platforms import PLATFORM_MAGICS
from nb2pipe.notebooks.cell_magics import MARKUP, PROGRAMS
from nb2pipe.notebooks.line_magics import BUILT_IN

RULE = Rule(
    "NB505",
    "unknown-magic",
    Severity.ERROR,
    message="`{magic}` is no magic of IPython, and no extension is loaded that brings it",
    hint="load its extension with %load_ext above, or correct the name",
)
GOOD = [cells("%load_ext sql", "%%sql\nselect 1")]
BAD = [
    (
        cells("%%sql\nselect 1"),
        ["1:1 `%%sql` is no magic of IPython, and no extension is loaded that brings it"],
    )
]
CELL_MAGICS = (
    PROGRAMS
    | MARKUP.keys()
    | {"capture", "file", "time", "timeit", "writefile", "prun", "debug", "code_wrap", "cmd", "html", "cache"}
)
LINE_MAGICS = BUILT_IN | {"debug", "tensorflow_version", "killbgscripts", "notebook", "code_wrap", "pip3"}
LOADERS = frozenset("load_ext reload_ext run config alias alias_magic install_ext pylab".split())


def check(view: View) -> Iterator[Finding]:
    """The unknown magics above which nothing is loaded."""
    is_open = False
    for cell in view.cells:
        source = cell.lifted.cell.source
        is_open = is_open or ("register_" in source and "magic" in source)
        for use in cell.lifted.magics:
            known = CELL_MAGICS if use.kind == "cell" else LINE_MAGICS
            if use.kind not in ("cell", "line") or not use.name.isidentifier():
                continue
            is_open = is_open or (use.name in LOADERS and use.name != "config")
            if use.name not in known and use.name not in PLATFORM_MAGICS and not is_open:
                sign = "%%" if use.kind == "cell" else "%"
                yield RULE.at(Spot(cell.number, use.line), magic=sign + use.name)
