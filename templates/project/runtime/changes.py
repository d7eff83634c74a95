"""What a stage changed in the state between stages, and whether that still holds.

A state lists groups of names and their files. A change is told apart from its stage:
then the changes of stages that ran side by side, or in an earlier run, can be put
together in the notebook's order, where none of them touches what another one reads.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from . import storage
from .reach import SETTERS, Reach
from .store import Keeper

State = Mapping[str, Any]
_RANDOM = ("@random", "@numpy.random", "@torch")
_WARNINGS = "@warnings"
_KNOWN = {"stage", "groups", "surroundings", "modules", "bound", "order"}
_PLACE = ("folder", "put", "path", "argv")


def digests(keeper: Keeper, values: Mapping[str, Any]) -> dict[str, str]:
    """What each value is, in one word; nothing for what cannot be stored."""
    keeper.world.look_around()
    found = {}
    for name, value in values.items():
        sink = _Sink()
        try:
            storage.dump({name: value}, sink, keeper.world)
        except storage.UnstorableError:
            continue
        found[name] = sink.digest.hexdigest()
    return found


class _Sink(io.RawIOBase):
    """Takes what is written for its digest only."""

    def __init__(self) -> None:
        super().__init__()
        self.digest = hashlib.sha256()

    def write(self, data: Any) -> int:
        self.digest.update(data)
        return memoryview(data).nbytes


def between(
    before: State | None, after: State, changed: Collection[str]
) -> dict[str, Any]:
    """The change from one state to the next; `changed` are names with new values."""
    old = before or {"groups": [], "modules": [], "order": [], "surroundings": None}
    then, now = _names(old["groups"]), _names(after["groups"])
    known = {frozenset(one["names"]) for one in old["groups"]}
    # Parameters and definitions: every process has them without being told.
    known |= {frozenset([name]) for name in after["bound"] if name not in then}
    groups = [
        group
        for group in after["groups"]
        if group not in old["groups"]
        and (
            frozenset(group["names"]) not in known or set(group["names"]) & set(changed)
        )
        and not _is_only_loaded(group["names"], changed)
    ]
    return {
        "groups": groups,
        "gone": sorted(then - now),
        "environment": _changed_variables(old["surroundings"], after["surroundings"]),
        "place": _changed_place(old["surroundings"], after["surroundings"]),
        "modules": [one for one in after["modules"] if one not in old["modules"]],
        "bound": after["bound"],
        "order": after["order"],
        "order_before": old["order"],
        "sets_more": any(old.get(key, one) != one for key, one in _more(after).items()),
        "more": _more(after),
    }


def _is_only_loaded(names: Collection[str], changed: Collection[str]) -> bool:
    """Whether it is a random stream as its library begins it, in this process only."""
    return set(names) <= set(_RANDOM) - {"@random", *changed}


def _more(state: State) -> dict[str, Any]:
    return {key: one for key, one in state.items() if key not in _KNOWN}


def _names(groups: Iterable[Mapping[str, Any]]) -> set[str]:
    return {name for group in groups for name in group["names"]}


def _changed_variables(before: State | None, after: State) -> dict[str, Any]:
    then = before["environment"] if before else {}
    now = after["environment"]
    gone = dict.fromkeys(name for name in then if name not in now)
    return {**gone, **{k: v for k, v in now.items() if then.get(k) != v}}


def _changed_place(before: State | None, after: State) -> dict[str, Any]:
    if before and all(before[key] == after[key] for key in _PLACE):
        return {}
    return {key: after[key] for key in _PLACE}


def applied(before: State, change: Mapping[str, Any]) -> dict[str, Any]:
    """The state after a change."""
    replaced = _names(change["groups"]) | set(change["gone"])
    groups = []
    for group in before["groups"]:
        names = [name for name in group["names"] if name not in replaced]
        if names:
            groups.append({**group, "names": names})
    around = dict(before["surroundings"])
    environment = {**around["environment"], **change["environment"]}
    around["environment"] = {k: v for k, v in environment.items() if v is not None}
    around.update(change["place"])
    modules = [one for one in change["modules"] if one not in before["modules"]]
    return {
        "groups": [*groups, *change["groups"]],
        "surroundings": around,
        "modules": [*before["modules"], *modules],
        "bound": change["bound"],
        "order": _order(before, change),
        **change["more"],
    }


def _order(before: State, change: Mapping[str, Any]) -> list[str]:
    if before["order"] == change["order_before"]:
        return list(change["order"])
    kept = [one for one in before["order"] if one not in change["gone"]]
    return [*kept, *(one for one in change["order"] if one not in kept)]


def changed_names(change: Mapping[str, Any]) -> set[str]:
    """Everything that is another thing after the change."""
    return _names(change["groups"]) | set(change["gone"])


def conflict(
    told: Mapping[str, Any],
    reach: Reach,
    others: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]],
) -> str:
    """Why a stage would run otherwise after others, each (change, what was told of it).

    `told` is what was seen of the stage, which ran without these changes.
    """
    for change, other in others:
        if not (told["is_clear"] and other["is_clear"]):
            return "the settings of the process cannot be told"
        if change["environment"] or change["place"] or change["sets_more"]:
            return "another stage changes the surroundings"
        names = changed_names(change)
        for name in names:
            if name in told["loaded"]:
                return f"another stage changes {name}"
            if name.startswith("@") and _matters(name, told, reach, other):
                return f"another stage changes {name.lstrip('@')}"
        shared = names & set(told["changed"])
        shared = {name for name in shared if not _is_equal(name, told, other)}
        if shared:
            return f"two stages make {min(shared)}"
        written = {*other["writes"], *other["made"]}
        if written & {*told["reads"], *told["writes"], *told["made"]}:
            return f"another stage writes {min(written)}"
        if any(path.startswith(tuple(told["lists"])) for path in written):
            return "another stage writes into a folder that it lists"
    return ""


def _matters(
    part: str, told: Mapping[str, Any], reach: Reach, other: Mapping[str, Any]
) -> bool:
    """Whether a setting that another stage changed may matter to a stage."""
    parts = told["parts"]
    if part not in parts:  # its library is not even loaded
        return False
    if part in _RANDOM:
        return part in told["changed"] or bool(reach.words & SETTERS)
    if part == _WARNINGS:
        is_plain = other["adds_warnings"] and part not in told["changed"]
        return not is_plain or bool(reach.words & SETTERS)
    return not _is_equal(part, told, other) or bool(reach.words & SETTERS)


def _is_equal(part: str, told: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both loaded a library and left it alike."""
    is_new = part in told["new_parts"] and part in other["new_parts"]
    is_new = is_new and told["parts"].get(part) != "?"
    return is_new and told["parts"].get(part) == other["parts"].get(part)
