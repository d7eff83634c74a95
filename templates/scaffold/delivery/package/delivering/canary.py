"""A new version meets a little traffic before it meets all: make canary."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..observing.model import Model
from ..pipeline import PIPELINE
from ..registry.versions import Registry, RegistryError, registry

_SHARE = 0.1  # of the requests that the new version answers at first


@dataclass
class Met:
    """How a version did on the requests that it met."""

    requests: int = 0
    failures: int = 0


def ask(model: Model, row: dict[str, Any], met: Met) -> None:
    """One request."""
    met.requests += 1
    try:
        model.predict([row])
    except Exception:  # noqa: BLE001 - whatever it is, it is a failure
        met.failures += 1


def canary(
    champion: Model, new: Model, rows: Sequence[dict[str, Any]], share: float = _SHARE
) -> tuple[Met, Met]:
    """Every tenth request goes to the new version; it meets no more once it fails."""
    old_met, new_met = Met(), Met()
    every = max(1, round(1 / share))
    for number, row in enumerate(rows):
        if number % every == 0 and not new_met.failures:
            ask(new, row, new_met)
            if not new_met.failures:
                continue
        ask(champion, row, old_met)  # a failure of the new one reaches nobody
    return old_met, new_met


def step(store: Registry, version: str, times: int = 20) -> str:
    """What is wrong with a version under a little traffic; "" where nothing is."""
    champion = store.aliases().get("champion")
    if champion is None:
        raise RegistryError("there is no champion to compare with: make train")
    rows = [one["row"] for one in store.sample(champion)] * times
    old_met, new_met = canary(store.load(champion), store.load(version), rows)
    if new_met.failures:
        return f"{version} failed a request; {champion} answered it"
    if old_met.failures:
        return f"{champion} failed {old_met.failures} of {old_met.requests} requests"
    return ""


def main(words: Sequence[str] | None = None) -> int:
    """0 the version may go on, 1 it may not."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {PIPELINE.package}.delivering.canary"
    )
    parser.add_argument("version", nargs="?", help="default: the newest")
    options = parser.parse_args(words)
    store = registry()
    try:
        problem = step(store, options.version or (store.ids() or [""])[-1])
    except RegistryError as error:
        problem = str(error)
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
