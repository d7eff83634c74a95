"""`{expression}` and `$name` in the commands of a notebook, as IPython fills them in.

IPython formats the whole text in one go: where one part cannot be evaluated, all of it stays as written.
"""

import ast
import builtins
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass

from nb2pipe.notebooks.walking import walked

# a `$name` within single quotes is left to the shell
DOLLAR = re.compile(r"(.*?)\$(\$?[\w.]+)(?=(?:[^']*'[^']*')*[^']*$)")
ANY_NAME = "*"  # stands in a set of names for "and others that cannot be seen"
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Part:
    """Text, then the expression after it (None at the end of the text)."""

    text: str
    code: str | None = None
    conversion: str | None = None
    is_dollar: bool = False


def expanded(command: str, names: frozenset[str] | None) -> str | None:
    """A Python expression for the command as IPython runs it; None where only a run can tell."""
    parts = _parts(command, dollars=names is not None)
    fields = [part for part in parts or () if part.code is not None]
    if parts is None or not all(_is_expression(part.code or "") for part in fields):
        return literal(command)
    if names is None:
        return _formatted(parts)
    unknown = {name for part in fields for name in _reads(part.code or "")} - names - vars(builtins).keys()
    if unknown and ANY_NAME not in names:
        return literal(command)
    if unknown or any(part.is_dollar and "." in (part.code or "") for part in fields):
        return None
    return _formatted(parts)


def is_filled_in(text: str, names: frozenset[str] | None) -> bool:
    """Whether IPython fills anything into the text, or may do so."""
    if "{" not in text and "$" not in text:
        return False
    return expanded(text, names) != literal(text)


def literal(text: str, quote: str = "") -> str:
    """The text as a Python literal on one line, in double quotes where that reads well."""
    quote = quote or ("'" if '"' in text and "'" not in text else '"')
    return quote + escaped(text, quote) + quote


def escaped(text: str, quote: str) -> str:
    """The text as it stands between such quotes."""
    text = text.replace("\\", "\\\\").replace(quote, "\\" + quote)
    return CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def _parts(command: str, *, dollars: bool) -> list[Part] | None:
    try:
        found = list(string.Formatter().parse(command))
    except ValueError:
        return None
    return [part for piece in found for part in _dollars(*piece, dollars=dollars)]


def _dollars(
    text: str, field: str | None, spec: str | None, conversion: str | None, *, dollars: bool
) -> Iterator[Part]:
    before, position = "", 0
    for found in DOLLAR.finditer(text) if dollars else ():
        before += found[1]
        position = found.end()
        if found[2].startswith("$"):
            before += found[2]
            continue
        yield Part(before, found[2], is_dollar=True)
        before = ""
    code = f"{field}:{spec}" if field is not None and spec else field
    yield Part(before + text[position:], code, conversion)


def _is_expression(code: str) -> bool:
    try:
        ast.parse(code.lstrip(" \t"), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _reads(code: str) -> set[str]:
    tree = ast.parse(code.lstrip(" \t"), mode="eval")
    names = [node for node in walked(tree) if isinstance(node, ast.Name)]
    bound = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    bound |= {node.arg for node in walked(tree) if isinstance(node, ast.arg)}
    return {name.id for name in names} - bound


def _formatted(parts: list[Part]) -> str:
    fields = [part for part in parts if part.code is not None]
    text = "".join(part.text for part in parts)
    if not fields:
        return literal(text)
    code = "".join(part.code or "" for part in fields)
    for quote in ("'", '"') if '"' in text and "'" not in text else ('"', "'"):
        if quote not in code and not re.search(r"[\\\n#]|\blambda\b|:=", code):
            return f"f{quote}" + "".join(_in_f_string(part, quote) for part in parts) + quote
    holes = "".join(_doubled(part.text) + _hole(part) for part in parts)
    return f"{literal(holes)}.format({', '.join((part.code or '').strip() for part in fields)})"


def _in_f_string(part: Part, quote: str) -> str:
    text = _doubled(escaped(part.text, quote))
    if part.code is None:
        return text
    code = part.code.strip()
    margin = " " if code.startswith("{") else ""
    conversion = f"!{part.conversion}" if part.conversion else ""
    return f"{text}{{{margin}{code}{margin}{conversion}}}"


def _hole(part: Part) -> str:
    conversion = f"!{part.conversion}" if part.conversion else ""
    return f"{{{conversion}}}" if part.code is not None else ""


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
