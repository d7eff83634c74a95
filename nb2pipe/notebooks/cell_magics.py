"""Cell magics that take text: scripts, files, markup. Those that run Python are the lifting's own."""

import re
import shlex
from collections.abc import Callable

from nb2pipe.notebooks.expansion import escaped, expanded, literal
from nb2pipe.notebooks.said import Magic, Said

PROGRAMS = frozenset("bash sh script perl ruby pypy python python2 python3".split())
MARKUP = {
    "html": "html",
    "HTML": "html",
    "svg": "svg",
    "SVG": "svg",
    "latex": "latex",
    "markdown": "markdown",
}
MARKUP |= {"javascript": "javascript", "js": "javascript"}


def text_magic(magic: Magic) -> Said | None:
    """What a cell magic that takes text says in Python; None where it is another kind."""
    if not magic.body:
        return Said(ipython=f"`{magic.shown}` has no body, which is an error that IPython words")
    teller = _teller(magic.name)
    return teller(magic) if teller else None


def _teller(name: str) -> Callable[[Magic], Said] | None:
    if name in PROGRAMS:
        return _script
    if name in MARKUP:
        return _markup
    return _write_file if name in ("writefile", "file") else None


def _script(magic: Magic) -> Said:
    program = magic.argument if magic.name == "script" else f"{magic.name} {magic.argument}".strip()
    code = expanded(program, magic.names)
    if (
        code is None
        or re.search(r"(?:^|\s)--(?:bg|out|err|proc|no-raise-error)\b", magic.argument)
        or not program
    ):
        return Said(ipython=f"`{magic.shown} {magic.argument}` keeps a process or its output in the session")
    return Said(f"__kernel__.script({code}, {_text(magic.body)})")


def _markup(magic: Magic) -> Said:
    if magic.argument.strip():
        return Said(ipython=f"`{magic.shown} {magic.argument.strip()}` has an option that only IPython knows")
    return Said(f"__kernel__.markup({literal(MARKUP[magic.name])}, {_text(magic.body)})")


def _write_file(magic: Magic) -> Said:
    words = _words(magic.argument)
    names = [word for word in words if word not in ("-a", "--append")]
    if len(names) != 1 or names[0].startswith("-"):
        return Said(ipython=f"`{magic.shown} {magic.argument}` does not name one file")
    name = names[0][1:-1] if re.fullmatch(r"'.*'|\".*\"", names[0]) else names[0]
    code = expanded(name, magic.names)
    if code is None:
        return Said(ipython=f"only a run tells what IPython fills into `{magic.shown} {magic.argument}`")
    append = ", append=True" if len(names) < len(words) else ""
    return Said(f"__kernel__.write_file({code}, {_text(magic.body)}{append})")


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line, posix=False)
    except ValueError:
        return line.split()


def _text(body: str) -> str:
    """A literal of the body that has a line for each of the body's lines, and one before."""
    lines = body.split("\n")
    written = [escaped(line, '"""').replace('\\"""', '\\"\\"\\"') for line in lines]
    if written[-1].endswith('"'):
        written[-1] = written[-1][:-1] + '\\"'
    return '"""\\\n' + "\n".join(written) + ('"""' if body.endswith("\n") else '\\n"""')
