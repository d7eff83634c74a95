"""Which version answers: promoted only when it is good enough, rolled back only to one that works."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .versions import Registry, RegistryError


def promote(registry: Registry, version: str, why: str = "", who: str = "") -> None:
    """Make a version the champion; RegistryError where it is worse, or takes other rows."""
    registry.check(version)
    aliases = registry.aliases()
    champion = aliases.get("champion")
    if champion == version:
        return
    if champion is not None:
        _refuse_other_rows(registry, version, champion)
        _refuse_worse(registry, version, champion)
    moved = {"champion": version, **({"previous": champion} if champion else {})}
    registry.point(moved, "promote", why, who)


def rollback(registry: Registry, why: str, who: str = "") -> str:
    """Go back to the champion before this one; the id of what answers now."""
    if not why:
        raise RegistryError("say why: rollback --why TEXT")
    aliases = registry.aliases()
    if "previous" not in aliases:
        raise RegistryError("there is no version to go back to")
    back = aliases["previous"]
    registry.check(back)
    registry.point(
        {"champion": back, "previous": aliases["champion"]}, "rollback", why, who
    )
    return back


def _refuse_other_rows(registry: Registry, version: str, champion: str) -> None:
    new, old = (_columns(registry.contract(one)) for one in (version, champion))
    if new != old:
        names = ", ".join(sorted(f"{one[0]}" for one in set(new) ^ set(old)))
        raise RegistryError(f"{version} takes other rows than {champion}: {names}")


def _columns(contract: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(one["name"], one["type"]) for one in contract["shape"]["columns"]]


def _refuse_worse(registry: Registry, version: str, champion: str) -> None:
    new, old = (gate(registry.manifest(one)) for one in (version, champion))
    if new is None or old is None or new["name"] != old["name"]:
        return
    sign = -1 if new["less_is_better"] else 1
    if sign * new["value"] < sign * old["value"] - 1e-12:
        raise RegistryError(
            f"{version} has {new['name']} {new['value']:.4f},"
            f" {champion} has {old['value']:.4f}: it stays the champion"
        )


def gate(manifest: Mapping[str, Any]) -> dict[str, Any] | None:
    """The metric that decides: the last one that the notebook computed of this model."""
    found = manifest["metrics"]
    return dict(found[-1]) if found else None
