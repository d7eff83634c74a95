"""plan.toml: the plan as text that a person edits, and the edited text as a wish."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nb2pipe.errors import InputError

from .cuts import in_words
from .edited import place_of
from .model import NO_WISH, Plan, Wish


def as_toml(plan: Plan, sizes: Mapping[int, Mapping[str, int]] = NO_WISH.sizes) -> str:
    """The plan as TOML with comments: names and cuts may be edited, then `convert --plan` takes it."""
    lines = [
        "# The proposed stages. Rename a stage, or move a cut by changing which cells a stage holds. A parameter may be",
        "# removed, or renamed where the notebook has no name for it; `parameter = []` leaves all literals where they are.",
        "# An edit that would change the meaning is refused with the reason.",
        f"package = {_text(plan.package)}",
        "keep = []  # more variables that the run should return",
        "",
    ]
    for one in plan.parameters:
        lines += [
            "[[parameter]]",
            f"name = {_text(one.name)}  # {_shown(one.value)}",
            f"at = {_text(place_of(one))}",
            "",
        ]
    before = 0
    for stage in plan.stages:
        lines += ["[[stage]]", f"name = {_text(stage.name)}", f"cells = {list(stage.cells)}"]
        lines += [f"# cut: {stage.reason}"] if stage.reason else []
        lines += [f"# a script stage, since {stage.why_script}"] if stage.why_script else []
        known = {"inputs": sizes.get(before, {}), "params": {}, "outputs": sizes.get(stage.cells[-1], {})}
        before = stage.cells[-1]
        lines += [f"# {key}: {', '.join(_sized(one, known[key]) for one in value)}" for key in known
                  if (value := getattr(stage, key))]  # fmt: skip
        lines.append("")
    return "\n".join(lines)


def _sized(name: str, sizes: Mapping[str, int]) -> str:
    return f"{name} ({in_words(sizes[name])})" if name in sizes else name


def read_wish(path: Path, wish: Wish) -> Wish:
    """The wish that an edited plan states. Raises InputError with place and way out."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no plan: {error}") from error
    unknown = data.keys() - {"package", "keep", "stage", "parameter"}
    if unknown:
        known = "package, keep, parameter and stage"
        raise InputError(f"{path} holds the unknown key {min(unknown)!r}; known are {known}")
    stages = [_stage(path, number, one) for number, one in enumerate(data.get("stage", []), start=1)]
    _check_once(path, stages)
    return replace(
        wish,
        package=data.get("package", wish.package),
        keep=_names(path, data.get("keep", [])),
        cells=tuple(cell for _, cells in stages for cell in cells),
        parameter_names=_parameters(path, data["parameter"]) if "parameter" in data else None,
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


def _parameters(path: Path, data: Any) -> dict[str, str]:
    """Place -> name of the parameters that the plan lists."""
    found: dict[str, str] = {}
    for one in data if isinstance(data, list) else [None]:
        name, place = (one.get("name"), one.get("at")) if isinstance(one, dict) else (None, None)
        if not isinstance(name, str) or not name.isidentifier() or not isinstance(place, str):
            raise InputError(
                f"{path}: a [[parameter]] needs `name`, a Python identifier, and `at`, its place"
            )
        if name in found.values():
            raise InputError(f"{path}: two parameters are called {name}; give each a name of its own")
        found[place] = name
    return found


def _names(path: Path, data: Any) -> tuple[str, ...]:
    if not isinstance(data, list) or not all(isinstance(name, str) for name in data):
        raise InputError(f'{path}: `keep` is a list of names such as ["model"]')
    return tuple(data)


def _check_once(path: Path, stages: list[tuple[str, list[int]]]) -> None:
    numbers = [cell for _, cells in stages for cell in cells]
    if len(numbers) != len(set(numbers)):
        twice = next(cell for cell in numbers if numbers.count(cell) > 1)
        raise InputError(f"{path}: cell {twice} stands in two stages; each cell has one place")


def _shown(value: object) -> str:
    return "".join(char if char.isprintable() else "?" for char in repr(value))


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
