"""Whether the same names share the same objects in two runs."""

from collections.abc import Collection
from dataclasses import dataclass

from nb2pipe.execution import Aliases


@dataclass(frozen=True, slots=True)
class Parting:
    """Two places that hold one object in one run and two objects in the other."""

    first: str
    second: str
    shared_in_notebook: bool


def parting(one: Aliases, other: Aliases, names: Collection[str]) -> Parting | None:
    """The first such places, following the same steps from these names on both sides; None where there are none."""
    seen: dict[int, tuple[int, str]] = {}  # object on the one side -> object on the other, and where
    back: dict[int, tuple[int, str]] = {}
    both = sorted(name for name in names if name in one.roots and name in other.roots)
    queue = [(name, one.roots[name], other.roots[name]) for name in both]
    for path, left, right in queue:
        if not left or not right:
            continue
        known, twin = seen.get(left), back.get(right)
        if known is not None and known[0] != right:
            return Parting(known[1], path, shared_in_notebook=True)
        if twin is not None and twin[0] != left:
            return Parting(twin[1], path, shared_in_notebook=False)
        if known is None:
            seen[left], back[right] = (right, path), (left, path)
            others = other.steps.get(right, {})
            for step, node in one.steps.get(left, {}).items():
                if step in others:
                    queue.append(
                        (f"{path}.{step}" if step == "memory" else f"{path}{step}", node, others[step])
                    )
    return None
