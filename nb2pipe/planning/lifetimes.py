"""Until when functions that stay in a stage may run: what changes afterwards, they do not see."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nb2pipe.analysis import Statement

from .definitions import Bindings, reads_late

Place = tuple[int, int]  # cell and place of a statement


@dataclass(frozen=True, slots=True)
class _Span:
    """The statements (by index) between a function's definition and the next one of its name."""

    first: int
    last: int


def last_calls(statements: Sequence[Statement], uses: Bindings) -> Mapping[Place, int]:
    """For functions that are only ever called by name: the cell number of the last call, by the definition's place.

    A function that is handed on as a value, or hands on something that reads variables, may run at any time.
    """
    spans = {number: span for number, span in _spans(statements) if _is_only_called(statements[number], uses)}
    mentions = _mentions(statements, {statements[number].definition for number in spans})
    found: dict[int, int | None] = {}
    for number in reversed(spans):  # a function is mostly called by those that are defined after it
        found[number] = _last(number, spans, mentions, found, statements)
    return {
        (statements[number].cell, statements[number].place): statements[last].cell
        for number, last in found.items()
        if last is not None
    }


def _spans(statements: Sequence[Statement]) -> list[tuple[int, _Span]]:
    """Each function's index, and where its name stands for it; in order."""
    following: dict[str, int] = {}
    found: list[tuple[int, _Span]] = []
    for number in range(len(statements) - 1, -1, -1):
        one = statements[number]
        if isinstance(one.node, ast.FunctionDef) and one.definition:
            found.append((number, _Span(number, following.get(one.definition, len(statements)))))
        for name, surely in one.use.binds.items():
            if surely:
                following[name] = number
    return found[::-1]


def _is_only_called(statement: Statement, uses: Bindings) -> bool:
    node = statement.node
    assert isinstance(node, ast.FunctionDef)
    return statement.definition not in uses.values and not node.decorator_list and not reads_late(node)


def _mentions(statements: Sequence[Statement], names: set[str]) -> dict[str, list[tuple[int, bool]]]:
    """Where each name is mentioned: (index, whether only when a function is called)."""
    found: dict[str, list[tuple[int, bool]]] = {name: [] for name in names}
    for number, one in enumerate(statements):
        for name in names.intersection(one.use.reads):
            found[name].append((number, False))
        for name in names.intersection(one.use.deferred):
            found[name].append((number, True))
    return found


def _last(
    number: int,
    spans: Mapping[int, _Span],
    mentions: Mapping[str, list[tuple[int, bool]]],
    known: Mapping[int, int | None],
    statements: Sequence[Statement],
) -> int | None:
    """The index of the last statement in which the function may run; None where nobody can say."""
    span, last = spans[number], number
    for place, is_deferred in mentions[statements[number].definition]:
        if place == number or place > span.last:
            continue  # it calls itself, or another function of its name is called
        if is_deferred:
            inner = known.get(place)
            if inner is None or place < span.first:
                return None
            last = max(last, inner)
        elif place > span.first:
            last = max(last, place)
    return last
