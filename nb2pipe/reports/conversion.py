"""What a conversion took and why, for the terminal and as JSON."""

import json
from pathlib import Path

from nb2pipe.planning import Plan, StagePlan


def as_text(plan: Plan, notebook: Path, target: Path | None = None) -> str:
    """The stages with their cells, outputs and reasons, then what became a parameter, then notes."""
    scripts = sum(stage.kind == "script" for stage in plan.stages)
    counts = (
        _count(len(plan.stages), "stage"),
        _count(len(plan.parameters), "parameter"),
        _count(len(plan.definitions), "definition"),
        _count(scripts, "script stage"),
    )
    head = [f"{notebook.name} -> {target}/" if target else notebook.name, ", ".join(counts)]
    width = max((len(stage.name) for stage in plan.stages), default=0)
    lines = ["   ".join(head), *(f"  {_stage(stage, width)}" for stage in plan.stages)]
    scripted = [stage for stage in plan.stages if stage.why_script]
    lines += [f"  {stage.name} is a script stage, since {stage.why_script}" for stage in scripted]
    for definition in plan.definitions:
        if definition.passes:
            names = ", ".join(f"`{name}`" for name in definition.passes)
            lines.append(f"  {definition.name}() reads {names}: passed as an argument")
    lines += [f"  parameter {parameter.name} = {parameter.value!r}" for parameter in plan.parameters]
    return "\n".join([*lines, *(f"  {note}" for note in plan.notes)])


def _stage(stage: StagePlan, width: int) -> str:
    is_row = list(stage.cells) == sorted(stage.cells)
    numbers = f"{stage.cells[0]}-{stage.cells[-1]}" if is_row else ", ".join(map(str, stage.cells))
    cells = f"cells {numbers}" if len(stage.cells) > 1 else f"cell {stage.cells[0]}"
    outputs = f"-> {' '.join(stage.outputs)}" if stage.outputs else ""
    return f"{stage.name:{width}}  {cells:12} {outputs:40}  cut: {stage.reason}".rstrip()


def as_json(plan: Plan, notebook: Path) -> str:
    """Stages, rungs, reasons, parameters and notes, for scripts."""
    return json.dumps(
        {
            "schema": "nb2pipe.conversion/1",
            "notebook": notebook.name,
            "package": plan.package,
            "stages": [_record(stage) for stage in plan.stages],
            "parameters": [{"name": p.name, "value": p.value, "comment": p.comment} for p in plan.parameters],
            "definitions": [{"name": d.name, "passes": list(d.passes)} for d in plan.definitions],
            "notes": list(plan.notes),
        },
        indent=1,
    )


def _record(stage: StagePlan) -> dict[str, object]:
    return {
        "name": stage.name,
        "rung": "ipython script" if stage.ipython else stage.kind,
        "cells": list(stage.cells),
        "inputs": list(stage.inputs),
        "outputs": list(stage.outputs),
        "params": list(stage.params),
        "reason": stage.reason,
        "why_script": stage.why_script,
    }


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
