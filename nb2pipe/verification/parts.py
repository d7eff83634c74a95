"""In which part two values differ, in words."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from nb2pipe.execution import Value


def difference(one: Value, other: Value) -> tuple[str, str]:
    """Both values in words; where the parts are known, only those that differ."""
    if one.kind != other.kind:
        return f"{one.kind}: {one.summary}", f"{other.kind}: {other.summary}"
    if one.parts and other.parts:
        told = _parts(one.parts, other.parts)
        if told:
            return told
    if one.summary != other.summary:
        return one.summary, other.summary
    return f"{one.summary} (digest {_short(one.digest)})", f"{other.summary} (digest {_short(other.digest)})"


def alike_but_for(varying: Collection[str], one: Value, other: Value) -> bool:
    """Whether two values agree in all parts but these."""
    if list(one.parts) != list(other.parts):
        return False
    return all(one.parts[part][0] == other.parts[part][0] for part in one.parts if part not in varying)


def _short(digest: str | None) -> str:
    return (digest or "none")[:20]


def _parts(ones: Mapping[str, Any], others: Mapping[str, Any]) -> tuple[str, str] | None:
    lost = [name for name in ones if name not in others]
    extra = [name for name in others if name not in ones]
    if lost or extra:
        return f"has {_listed(lost) or 'nothing more'}", f"has {_listed(extra) or 'not that'}"
    differing = [name for name in ones if ones[name][0] != others[name][0]]
    if not differing:
        if list(ones) != list(others):
            return f"in this order: {_listed(list(ones))}", f"in this order: {_listed(list(others))}"
        return None
    first, more = differing[0], len(differing) - 1
    also = f" (and {more} more parts differ)" if more else ""
    rows = _rows(ones[first], others[first])
    return f"{first}{rows}: {ones[first][1]}{also}", f"{first}{rows}: {others[first][1]}{also}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _rows(one: Sequence[Any], other: Sequence[Any]) -> str:
    """Which rows of a column differ, as far as the digests of its blocks tell."""
    if len(one) < 4 or len(other) < 4 or one[2] != other[2] or len(one[3]) != len(other[3]):
        return ""
    step = one[2]
    blocks = [place for place, pair in enumerate(zip(one[3], other[3], strict=True)) if pair[0] != pair[1]]
    if not blocks:
        return ""
    first, last = blocks[0] * step, (blocks[-1] + 1) * step - 1
    return f", row {first}" if first == last else f", rows {first} to {last}"
