"""plan.toml: the plan as text that a person edits, and the edited text as a wish."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from nb2pipe.errors import InputError

from .model import Plan, Wish


def as_toml(plan: Plan) -> str:
    """The plan as TOML with comments: names and cuts may be edited, then `convert --plan` takes it."""
    lines = [
        "# The proposed stages. Rename a stage, or move a cut by changing which cells a stage holds;",
        "# an edit that would change the meaning is refused with the reason.",
        f"package = {_text(plan.package)}",
        "keep = []  # more variables that the run should return",
        "",
    ]
    lines += [f"# parameter {parameter.name} = {parameter.value!r}" for parameter in plan.parameters]
    for stage in plan.stages:
        lines += ["", "[[stage]]", f"name = {_text(stage.name)}", f"cells = {list(stage.cells)}"]
        lines += [f"# cut: {stage.reason}"] if stage.reason else []
        lines += [f"# a script stage, since {stage.why_script}"] if stage.why_script else []
        lines += [f"# {key}: {', '.join(value)}" for key in ("inputs", "params", "outputs")
                  if (value := getattr(stage, key))]  # fmt: skip
    return "\n".join(lines) + "\n"


def read_wish(path: Path, wish: Wish) -> Wish:
    """The wish that an edited plan states. Raises InputError with place and way out."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no plan: {error}") from error
    unknown = data.keys() - {"package", "keep", "stage"}
    if unknown:
        raise InputError(f"{path} holds the unknown key {min(unknown)!r}; known are package, keep and stage")
    stages = [_stage(path, number, one) for number, one in enumerate(data.get("stage", []), start=1)]
    _check_order(path, stages)
    return replace(
        wish,
        package=data.get("package", wish.package),
        keep=tuple(str(name) for name in data.get("keep", ())),
        cuts=tuple(cells[0] for _, cells in stages),
        names={cells[0]: name for name, cells in stages},
    )


def _stage(path: Path, number: int, data: Any) -> tuple[str, list[int]]:
    name, cells = (data.get("name"), data.get("cells")) if isinstance(data, dict) else (None, None)
    if not isinstance(name, str) or not name.isidentifier():
        raise InputError(f"{path}: stage {number} has the name {name!r}, which is no Python identifier")
    if not isinstance(cells, list) or not cells or not all(type(one) is int for one in cells):
        raise InputError(f"{path}: stage {name} needs `cells`, a list of cell numbers")
    return name, cells


def _check_order(path: Path, stages: list[tuple[str, list[int]]]) -> None:
    numbers = [cell for _, cells in stages for cell in cells]
    if numbers != sorted(set(numbers)):
        raise InputError(f"{path}: the cells of the stages must be in ascending order, each once")


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
