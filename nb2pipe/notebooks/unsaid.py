"""What analysis can still read of a magic that only IPython can run: the names in it."""

import ast
import re

from nb2pipe.notebooks.faults import parsed
from nb2pipe.notebooks.line_magics import REPEATED, timed_code
from nb2pipe.notebooks.said import Magic

OTHER_LANGUAGES = frozenset("R cython sql julia bigquery fortran cpp cu octave stan".split())
NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")
# `%%R -o frame`, `%%bash --out text`, `%%sql frame <<`, and what a Cython cell defines
OUTPUT = re.compile(
    r"(?:^|\s)(?:-o|--output|--out|--err|--proc)[ =]+(?P<after>[^\W\d]\w*)|(?P<before>[^\W\d]\w*)\s*<<"
)
DEFINED = re.compile(r"^(?:def|cpdef)\b[^\n(]*?(?P<name>\w+)\s*\(|^class\s+(?P<type>\w+)", re.MULTILINE)


def line(magic: Magic, comment: str) -> str:
    """A line that reads and binds what the magic may; what it binds it may also leave alone."""
    if magic.name in REPEATED and not magic.is_cell:
        code = f"if __kernel__: {timed_code(magic).strip()}"
        if isinstance(parsed(code), ast.Module):
            return code
    if comment == "pass":
        comment = ""
    binds = _binds(magic)
    mentioned = set(NAME.findall(f"{magic.argument}\n{magic.body}")) - set(binds)
    reads = sorted(mentioned & (magic.names or frozenset()))
    if not reads and not binds:
        return f"pass  {comment}".rstrip()
    code = "; ".join([f"({', '.join(reads)},)"] * bool(reads) + [f"{name} = None" for name in binds])
    return f"if __kernel__: {code}  {comment}".rstrip()


def _binds(magic: Magic) -> list[str]:
    found = [output["after"] or output["before"] for output in OUTPUT.finditer(magic.argument)]
    if magic.name == "cython":
        found += [each["name"] or each["type"] for each in DEFINED.finditer(magic.body)]
    return list(dict.fromkeys(found))
