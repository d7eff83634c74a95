"""Variables that are not bound: a loop that never ran leaves its names without value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any


class _Unbound:
    """Passes through a stage that does not look at it."""

    def __repr__(self) -> str:
        return "<not bound>"


UNBOUND = _Unbound()


def call(
    function: Callable[..., Any], arguments: Mapping[str, Any], outputs: Sequence[str]
) -> Any:
    """What a stage returns; only what is bound, where its `return` names something else."""
    try:
        return function(**arguments)
    except UnboundLocalError as error:
        place = error.__traceback__ and error.__traceback__.tb_next
        if place is None or place.tb_next is not None:
            raise
        code = place.tb_frame.f_code
        if code is not getattr(function, "__code__", None):
            raise
        if place.tb_lineno < _line_of_return(code.co_filename, function.__name__):
            raise
        names = place.tb_frame.f_locals
        found = [names.get(name, UNBOUND) for name in outputs]
        return found[0] if len(found) == 1 else tuple(found)


def _line_of_return(path: str, name: str) -> float:
    """The line of the statement with which a stage's function ends."""
    tree = ast.parse(Path(path).read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            last = node.body[-1]
            return last.lineno if isinstance(last, ast.Return) else float("inf")
    return float("inf")
