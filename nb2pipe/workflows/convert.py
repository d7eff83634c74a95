"""Notebook -> pipeline project."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nb2pipe import analysis, graph, notebooks, planning, project, rendering, rewriting
from nb2pipe.errors import InputError, RefusedError
from nb2pipe.planning import NO_WISH, OrderName, Plan, Wish
from nb2pipe.rendering import FileTree


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion made: the plan that was taken, and the files of the project."""

    plan: Plan
    facts: analysis.Facts
    tree: FileTree


def convert(path: Path, target: Path, wish: Wish = NO_WISH, python: str | None = None) -> Converted:
    """The pipeline project that gives the same result as the notebook; nothing is written yet."""
    facts = read_facts(path, wish.order)
    plan = planning.plan(facts, wish)
    if not plan.stages:
        raise RefusedError(f"{path} has no code cells, so there is nothing to convert")
    modules = rewriting.rewrite(plan, facts)
    pins = _pins(python) if python else None
    tree = project.assemble(plan, modules, facts, target, pins, _options(wish))
    return Converted(plan, facts, tree)


def _pins(python: str) -> Mapping[str, tuple[str, str]]:
    from nb2pipe.execution.pins import pins_of  # static work starts without what runs code

    return pins_of(python)


def read_facts(path: Path, order: OrderName = "auto") -> analysis.Facts:
    """The facts of a notebook file in the order in which its cells run, with the names of what lies beside it."""
    notebook = notebooks.read(path)
    beside = [entry.name for entry in sorted(path.parent.iterdir()) if _is_module(entry)]
    return _ordered(analysis.gather(notebook, beside), order)


def _ordered(facts: analysis.Facts, order: OrderName) -> analysis.Facts:
    if order == "auto":
        found = graph.order_of(facts)
        return facts.in_order(found.cells, found.reason) if found.is_certain else facts
    if order == "executed":
        return facts.in_order(graph.by_counts(facts), "as the saved execution counts tell")
    if order == "dependency":
        return facts.in_order(graph.by_need(facts), "each cell after those that bind what it reads")
    return facts


def check_target(path: Path, target: Path, force: bool) -> None:
    """Refuse a target that is the notebook's own folder, or not empty."""
    if target.resolve() == path.resolve().parent:
        raise InputError(f"{target} is the notebook's own folder; choose another one with -o")
    if target.is_dir() and any(target.iterdir()):
        if not force:
            raise InputError(
                f"{target} is not empty; choose another folder, or replace a converted project with --force"
            )
        _check_unedited(target)


def _check_unedited(target: Path) -> None:
    """Only a folder that holds nothing but what nb2pipe wrote may be replaced."""
    lock = target / "nb2pipe.lock"
    if not lock.is_file():
        raise InputError(
            f"{target} was not made by nb2pipe (it has no nb2pipe.lock), so --force does not replace it"
        )
    try:
        files = json.loads(lock.read_text(encoding="utf-8"))["files"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{lock} is damaged; remove {target} by hand") from error
    edited = [name for name, digest in files.items() if _changed(target / name, digest)]
    if edited:
        raise InputError(f"{target} was edited by hand ({', '.join(sorted(edited)[:5])}); move it away first")


def _changed(path: Path, digest: str) -> bool:
    import hashlib

    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != digest


def _is_module(entry: Path) -> bool:
    return entry.suffix == ".py" or (entry.is_dir() and any(entry.glob("*.py")))


def _options(wish: Wish) -> dict[str, object]:
    skipped = {"skip_cells": sorted(wish.skip_cells)} if wish.skip_cells else {}
    return skipped | ({"order": wish.order} if wish.order != "auto" else {})


def write(converted: Converted, target: Path, force: bool = False) -> None:
    """Write the project."""
    rendering.write(converted.tree, target, replace=force)
