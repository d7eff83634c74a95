"""A cell of one line that begins with a magic's name, without `%`: IPython runs the magic."""

import ast
import re

from nb2pipe.notebooks.expansion import ANY_NAME
from nb2pipe.notebooks.faults import parsed
from nb2pipe.notebooks.line_magics import BUILT_IN, REPEATED

LINE = re.compile(r"\A(?P<above>\n*)(?P<name>[A-Za-z_]\w*)(?![\w.])[ \t]*(?P<rest>[^\n]*)(?P<end>\n?)\Z")


def automagic(text: str, names: frozenset[str] | None) -> str | None:
    """The line with its `%`, or None where IPython reads it as Python."""
    found = LINE.match(text)
    if not found or found["rest"][:1] in ("=", ","):
        return None
    name = found["name"]
    if name not in BUILT_IN | REPEATED or name in (names or ()):
        return None
    if ANY_NAME in (names or ()) and isinstance(parsed(text), ast.Module):
        return None  # a star import may have brought the name
    return f"{found['above']}%{name} {found['rest']}".rstrip() + found["end"]
