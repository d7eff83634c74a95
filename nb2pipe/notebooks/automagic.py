"""A cell of one line that begins with a magic's name, without `%`: IPython runs the magic."""

import re

from nb2pipe.notebooks.line_magics import BUILT_IN, REPEATED

LINE = re.compile(r"\A(?P<name>[A-Za-z_]\w*)(?![\w.])[ \t]*(?P<rest>[^\n]*)\n?\Z")
PYTHON_NAMES = frozenset("exit quit help print".split())


def automagic(text: str, names: frozenset[str] | None) -> str | None:
    """The line with its `%`, or None where IPython reads it as Python."""
    found = LINE.match(text)
    if not found or found["rest"][:1] in ("=", ","):
        return None
    name = found["name"]
    if name not in BUILT_IN | REPEATED or name in (names or ()):
        return None
    return f"%{text}"
