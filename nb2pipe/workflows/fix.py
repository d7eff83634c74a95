"""Notebook -> a repaired notebook, where a fault has one right answer: cell order, missing seeds, absolute paths.

Saved outputs are dropped where a repair made them untrue; cell ids stay.
"""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2pipe.audit import View
from nb2pipe.audit.streams import draws
from nb2pipe.errors import InputError
from nb2pipe.graph import VariableGraph

from .audit import Audited, audit_file

SEEDS = {
    "random": "{alias}.seed(0)",
    "numpy.random": "{alias}.random.seed(0)",
    "torch": "{alias}.manual_seed(0)",
}
MODULES = {"random": "random", "numpy.random": "numpy", "torch": "torch"}
RawCell = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Repair:
    """One change of the text of a code cell."""

    cell: int
    line: int  # from 1
    text: str  # put before this line, or instead of `old` in it
    old: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A repaired notebook: its text ("" where nothing was repaired), and what was done."""

    text: str
    done: tuple[str, ...]


def fix(path: Path) -> Fixed:
    """The repaired notebook of a file; nothing is written."""
    if path.suffix != ".ipynb":
        raise InputError(f"{path} is no .ipynb file; --fix repairs those only")
    audited = audit_file(path)
    if audited.notebook is None or audited.graph is None:
        raise InputError(audited.error or f"{path} cannot be read")
    raw = json.loads(path.read_text(encoding="utf-8-sig"))
    if raw.get("nbformat") != 4:
        raise InputError(f"{path} is not of nbformat 4; open and save it with a newer Jupyter first")
    done, repaired = repair(raw, audited, path.parent)
    text = json.dumps(repaired, indent=1, ensure_ascii=False) + "\n" if done else ""
    return Fixed(text, tuple(done))


def repair(raw: Mapping[str, Any], audited: Audited, folder: Path) -> tuple[list[str], dict[str, Any]]:
    """What is repaired, and the document with it."""
    assert audited.graph is not None
    graph = audited.graph
    repairs = [*_seeds(graph), *_paths(audited, folder)]
    cells = [dict(cell) for cell in raw["cells"]]
    code = [cell for cell in cells if cell.get("cell_type") == "code"]
    for one in repairs:
        _apply(code[one.cell - 1], one)
    stale = _stale(graph, [one.cell for one in repairs if not one.old])
    done = [one.note for one in repairs]
    order = graph.order
    if order.document == "fails" and not order.is_document:
        cells = _reordered(cells, order.cells)
        done.insert(0, f"cells put in the order {', '.join(map(str, order.cells))}: {order.reason}")
        if "counts" not in order.reason:
            stale = set(range(1, len(code) + 1))
    for number in stale:
        code[number - 1]["outputs"] = []
        code[number - 1]["execution_count"] = None
    if stale and done:
        done.append(
            f"outputs of {len(stale)} cell{'s' if len(stale) > 1 else ''} dropped: they come from other code"
        )
    return done, {**raw, "cells": cells}


def _stale(graph: VariableGraph, changed: Iterable[int]) -> set[int]:
    """The cells whose saved outputs a repair made untrue: the changed ones and all that need them."""
    found: set[int] = set()
    for cell in changed:
        found |= {cell, *graph.after(cell)}
    return found


def _reordered(cells: Sequence[RawCell], order: Iterable[int]) -> list[RawCell]:
    """The code cells in another order; text above a cell goes with it."""
    groups: list[list[RawCell]] = []
    waiting: list[RawCell] = []
    for cell in cells:
        waiting.append(cell)
        if cell.get("cell_type") == "code":
            groups.append(waiting)
            waiting = []
    return [cell for number in order for cell in groups[number - 1]] + waiting


def _seeds(graph: VariableGraph) -> Iterator[Repair]:
    """A seed in front of the first unseeded draw of each stream that can be seeded."""
    settled: set[str] = set()  # streams that are seeded, or for which the first draw is found
    for one in draws(View(graph)):
        if one.stream in settled or one.stream not in SEEDS:
            continue
        settled.add(one.stream)
        number = one.call.run.cell
        if one.role == "seed" or any(
            use.kind == "cell" for use in graph.facts.cells[number - 1].lifted.magics
        ):
            continue
        module = MODULES[one.stream]
        alias = _alias(graph, module, number)
        seed = SEEDS[one.stream].format(alias=alias or module)
        text = seed if alias else f"import {module}\n{seed}"
        note = f"cell {number}: {seed} put before the first draw from {one.stream}"
        yield Repair(number, one.call.run.line, text, note=note)


def _alias(graph: VariableGraph, module: str, cell: int) -> str:
    """The name under which an earlier cell imports a module, else ""."""
    place = {number: at for at, number in enumerate(graph.order.cells)}
    for one in graph.trace.bindings:
        is_before = place.get(one.run.cell, 0) < place[cell]
        if one.kind == "import" and one.thing.origin == module and is_before and not one.is_guarded:
            return one.name
    return ""


def _paths(audited: Audited, folder: Path) -> list[Repair]:
    """Absolute paths whose end is a file below the notebook's folder."""
    repairs = []
    for one in audited.findings:
        if one.name != "absolute-path" or audited.graph is None:
            continue
        for statement in audited.graph.facts.cells[one.spot.cell - 1].statements:
            for node in ast.walk(statement.node):
                is_there = isinstance(node, ast.Constant) and (node.lineno, node.col_offset + 1) == (
                    one.spot.line,
                    one.spot.column,
                )
                if is_there and isinstance(node, ast.Constant) and isinstance(node.value, str):
                    relative = _relative(node.value, folder)
                    if relative:
                        note = f"cell {one.spot.cell}: {node.value!r} became {relative!r}"
                        repairs.append(Repair(one.spot.cell, one.spot.line, relative, node.value, note))
    return repairs


def _relative(path: str, folder: Path) -> str:
    """The longest end of the path that is a file or folder here, else ""."""
    parts = [part for part in path.replace("\\", "/").split("/") if part and not part.endswith(":")]
    if ".." in parts:
        return ""
    ends = ("/".join(parts[at:]) for at in range(len(parts)))
    return next((end for end in ends if (folder / end).exists()), "")


def _apply(cell: RawCell, one: Repair) -> None:
    source = cell["source"]
    is_list = isinstance(source, list)
    lines = ("".join(source) if is_list else source).split("\n")
    at = min(one.line, len(lines)) - 1
    if one.old:
        written = one.old.replace("\\", "\\\\")
        lines[at] = lines[at].replace(written, one.text).replace(one.old, one.text)
    else:
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines[at:at] = [indent + line for line in one.text.split("\n")]
    text = "\n".join(lines)
    cell["source"] = text.splitlines(keepends=True) if is_list else text
