"""A path exists on one machine only.

Elsewhere the file is not found.
"""

import ast
import re
from collections.abc import Iterator

from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells

RULE = Rule(
    "NB601",
    "absolute-path",
    Severity.WARNING,
    message="the path {path} exists on one machine only",
    hint="use a path relative to the notebook, or make the folder a parameter",
)
GOOD = [cells("t = open('data/a.txt')")]
BAD = [(cells("t = open('/home/ann/a.txt')"), ["1:1 the path '/home/ann/a.txt' exists on one machine only"])]
ROOTS = "home|Users|mnt|media|data|datasets?|opt|srv|scratch|Volumes|root|work|workspace|gpfs|nfs|share|shared|projects?|usr/local|var/www|export|lustre|net|storage|disk\\d?|d|c"
ABSOLUTE = re.compile(
    rf"(?:/(?:{ROOTS})/[^\n<>|?*{{}}]*[^\s/]|[A-Za-z]:(?:\\|/(?!/))[^\n<>|?*]+|\\\\[\w.-]+\\[^\n]+)$"
)
# Folders of every Unix machine.
SPECIAL = tuple(f"/{name}/" for name in ("tmp", "dev", "proc", "etc", "bin", "usr/bin"))


def check(view: View) -> Iterator[Finding]:
    """The first such path of each cell."""
    read = _paths_of_calls(view)
    for cell in view.cells:
        found = min(_paths(view, cell.number, read), default=None)
        if found is not None:
            line, column, path = found
            yield RULE.at(
                Spot(cell.number, line, column), path=repr(path if len(path) < 60 else path[:57] + "...")
            )


def _paths(view: View, number: int, read: dict[tuple[int, int, int], str]) -> Iterator[tuple[int, int, str]]:
    cell = view.cell(number)
    for one in cell.statements:
        for node in ast.walk(one.node):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 300:
                text = node.value
                spot = (node.lineno, node.col_offset + 1)
                is_path = ABSOLUTE.match(text) or (number, *spot) in read
                if is_path and not text.startswith(SPECIAL) and not view.know.platform(text):
                    yield *spot, text
    for use in cell.lifted.magics:
        argument = use.argument.strip().strip("'\"")
        if (
            use.kind == "line"
            and use.name in ("cd", "run")
            and ABSOLUTE.match(argument)
            and not view.know.platform(argument)
        ):
            yield use.line, 1, argument


def _paths_of_calls(view: View) -> dict[tuple[int, int, int], str]:
    """Texts that a call takes for the path of a file, by place."""
    found = {}
    for call in view.trace.calls:
        for use in view.know.file_uses(call.name, call.given):
            thing = call.argument(*use.arguments)
            if thing is not None and isinstance(thing.const, str) and re.match(r"/\w[^/]*/.", thing.const):
                found[thing.place.cell, thing.place.line, thing.place.column] = thing.const
    return found
