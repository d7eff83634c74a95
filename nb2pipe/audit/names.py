"""Which rule reports a read of a name that is not bound: the most special one that fits."""

import ast
from collections.abc import Iterable, Mapping

from nb2pipe.analysis import Facts
from nb2pipe.analysis.catalogue import catalogue
from nb2pipe.analysis.namespace import Missing, is_platform_name


def classified(facts: Facts, missing: Iterable[Missing]) -> Mapping[str, tuple[Missing, ...]]:
    """The first such read of each name, by the name of its rule."""
    found: dict[str, list[Missing]] = {}
    seen: set[tuple[str, str]] = set()
    for one in missing:
        rule = _rule(facts, one)
        if rule and (rule, one.name) not in seen:
            seen.add((rule, one.name))
            found.setdefault(rule, []).append(one)
    return {rule: tuple(ones) for rule, ones in found.items()}


def _rule(facts: Facts, one: Missing) -> str:
    if one.problem == "lost":
        return "definition-lost-in-magic"
    if one.problem == "deleted":
        return "reads-deleted-name"
    if one.problem in ("maybe", "looped"):
        return "possibly-undefined-name" if not one.is_guarded and not one.function else ""
    if one.is_guarded or facts.cells[one.cell - 1].lifted.cell.may_raise:
        return ""
    if binder_of(facts, one):
        return "function-reads-later-global" if one.function else "reads-later-cell"
    if catalogue().removed(one.name):
        return "removed-library-call"
    if catalogue().usual_name(one.name):
        return "missing-import"
    return "platform-only-code" if is_platform_name(one.name) else "undefined-name"


def binder_of(facts: Facts, one: Missing) -> int:
    """The first cell, from the reading one on, that binds the name from something else than itself; 0: none."""
    for cell in facts.cells[one.cell - 1 :]:
        for statement in cell.statements:
            if name_is_made(statement.node, one.name, one.name in statement.use.binds) and (
                one.name not in statement.use.reads
                or isinstance(statement.node, (ast.FunctionDef, ast.ClassDef))
            ):
                return cell.number
            if one.name in statement.use.global_writes:
                return cell.number
    return 0


def name_is_made(node: ast.stmt, name: str, is_bound: bool) -> bool:
    """Whether a statement gives the name a value that does not need it."""
    return is_bound and not (isinstance(node, ast.AugAssign) and getattr(node.target, "id", "") == name)
