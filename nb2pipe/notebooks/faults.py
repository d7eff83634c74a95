"""Why a cell does not compile, in words for a newcomer."""

import ast
import re
import warnings
from functools import cache

from nb2pipe.notebooks.model import SyntaxFault

TOO_DEEP = "the cell is nested too deeply to be read"

COMPILED = re.compile(r"\b(?:return|yield|break|continue|nonlocal|await|async)\b")
# what Python 3 says of Python 2, and what it was
PYTHON_2 = (
    (re.compile(r"Missing parentheses in call to '(print|exec)'"), "`{0}` without parentheses"),
    (re.compile(r"multiple exception types must be parenthesized"), "`except Error, name:`"),
    (re.compile(r"leading zeros in decimal integer literals"), "a number that begins with 0"),
)
COROUTINE = 0x80
TOP_LEVEL_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


@cache
def parsed(code: str) -> ast.Module | SyntaxFault:
    """The tree of the code (to be read, not changed), or why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except SyntaxError as error:
        return _fault(error)
    except ValueError as error:
        return SyntaxFault(f"the cell holds a character that no Python code can hold ({error})", 1, 1)
    except (RecursionError, MemoryError):
        return SyntaxFault(TOO_DEEP, 1, 1)


def compiled(tree: ast.Module, code: str) -> bool | SyntaxFault:
    """Whether the code awaits at its top level, or why it parses and still does not compile."""
    if not COMPILED.search(code):
        return False
    awaits = False
    for statement in tree.body:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module = ast.Module([statement], [])
                made = compile(module, "<cell>", "exec", flags=TOP_LEVEL_AWAIT, dont_inherit=True)
        except SyntaxError as error:
            return _fault(error)
        except (ValueError, RecursionError, MemoryError, OverflowError):
            return SyntaxFault(TOO_DEEP, statement.lineno, 1)
        awaits = awaits or bool(made.co_flags & COROUTINE)
    return awaits


def _fault(error: SyntaxError) -> SyntaxFault:
    message = error.msg
    for pattern, what in PYTHON_2:
        found = pattern.search(message)
        if found:
            message = f"this is Python 2 ({what.format(*found.groups())}); rewrite it for Python 3, for example with 2to3"
    return SyntaxFault(message, error.lineno or 1, error.offset or 1)
