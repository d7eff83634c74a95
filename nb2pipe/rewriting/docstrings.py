"""Whether the formatter may touch docstrings: where a notebook reads them, every blank counts."""

import ast

from nb2pipe.analysis import Facts
from nb2pipe.notebooks.walking import walked

_READERS = frozenset("__doc__ getdoc help render_doc testmod run_docstring_examples cleandoc".split())


def as_written(facts: Facts) -> list[str]:
    """The line that keeps the formatter off, where some docstring is read that it would change."""
    trees = [statement.node for statement in facts.statements]
    if not any(map(_reads, trees)) or not any(map(_has_blanks, trees)):
        return []
    return ["# The notebook reads docstrings: they stay as they are written.", "# fmt: off"]


def _reads(tree: ast.stmt) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr in _READERS)
        or (isinstance(node, ast.Name) and node.id in _READERS)
        for node in walked(tree)
    )


def _has_blanks(tree: ast.stmt) -> bool:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = (ast.get_docstring(node, clean=False) for node in walked(tree) if isinstance(node, kinds))
    return any(text and ("\n" in text or "\t" in text or text != text.strip()) for text in found)
