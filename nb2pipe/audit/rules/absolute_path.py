"""A path exists on one machine only.

Elsewhere the file is not found.
"""

import re
from collections.abc import Iterator

from nb2pipe.audit.commands import INSTALLER, commands
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
    rf"(?:file://)?(?:/(?:{ROOTS})/[^\n<>|?*{{}}\\]*[^\s/\\]/?|[A-Za-z]:(?:\\|/(?!/))[^\n<>|?*]+|\\\\[\w.-]+\\[^\n]+)$"
)
MOST = 300  # letters of a path
# In a command only folders of one person or one site: `/usr`, `/opt` and their kin are the machine's.
IN_COMMAND = re.compile(r"/(?:home|Users|mnt|media|scratch|Volumes|data)/\w")
# Folders of every Unix machine.
SPECIAL = tuple(f"/{name}/" for name in ("tmp", "dev", "proc", "etc", "bin", "usr/bin"))


def check(view: View) -> Iterator[Finding]:
    """The first such path of each cell."""
    first: dict[int, tuple[int, int, str]] = {}
    for cell, line, column, path in _paths(view):
        first[cell] = min(first.get(cell, (line, column, path)), (line, column, path))
    for cell, (line, column, path) in first.items():
        yield RULE.at(Spot(cell, line, column), path=repr(path if len(path) < 60 else path[:57] + "..."))


def _paths(view: View) -> Iterator[tuple[int, int, int, str]]:
    read = _paths_of_calls(view)
    for cell, node in view.texts:
        text = node.value
        place = (cell, node.lineno, node.col_offset + 1)
        if not isinstance(text, str) or len(text) > MOST or not text[:2].strip(" ."):
            continue
        if (
            (text[0] in "/\\" or text[1:2] == ":" or text.startswith("file://"))
            and (ABSOLUTE.match(text) or place in read)
            and _is_foreign(view, text)
        ):
            yield *place, text
    for one in view.trace.bindings:
        text = one.thing.const
        if isinstance(text, str) and one.thing.origin and ABSOLUTE.match(text) and _is_foreign(view, text):
            yield one.place.cell, one.place.line, one.place.column, text
    for command in commands(view):
        if command.call is None and not INSTALLER.search(command.text):
            for word in re.findall(r"(?<![\w./~:-])/[\w./-]+", command.text):
                if IN_COMMAND.match(word) and _is_foreign(view, word):
                    yield command.spot.cell, command.spot.line, command.spot.column, word
    for facts in view.cells:
        for use in facts.lifted.magics:
            argument = use.argument.strip().strip("'\"")
            is_path = use.kind == "line" and use.name in ("cd", "run") and ABSOLUTE.match(argument)
            if is_path and _is_foreign(view, argument):
                yield facts.number, use.line, 1, argument


def _is_foreign(view: View, path: str) -> bool:
    return not path.startswith(SPECIAL) and not view.know.platform(path)


def _paths_of_calls(view: View) -> dict[tuple[int, int, int], str]:
    """Texts that a call takes for the path of a file, by place."""
    found = {}
    for call, uses in view.file_uses:
        for use in uses:
            thing = call.argument(*use.arguments)
            if thing is not None and isinstance(thing.const, str) and re.match(r"/\w[^/]*/.", thing.const):
                found[thing.place.cell, thing.place.line, thing.place.column] = thing.const
    return found
