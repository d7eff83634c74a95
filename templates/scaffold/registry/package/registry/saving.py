"""A model as a file: in skops' format, which runs no code when it is read, where that holds it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import Any

from ..observing.model import Model
from ..pipeline import PIPELINE
from ..runner import loading, storage
from ..runner.runner import new_namespace
from ..runner.world import World


class DamagedError(Exception):
    """A file is not what was written."""


def dumped(model: Model) -> tuple[bytes, dict[str, Any]]:
    """The bytes, and what has to be known to read them again."""
    held = {
        "chain": list(model.chain),
        "estimator": model.estimator,
        "state": dict(model.start.state),
    }
    content, how = _by_skops(held) or _by_pickle(held)
    return content, {**how, "sha256": hashlib.sha256(content).hexdigest()}


def loaded(content: bytes, how: Mapping[str, Any]) -> dict[str, Any]:
    """What was dumped; DamagedError before anything of another file is read."""
    if hashlib.sha256(content).hexdigest() != how["sha256"]:
        raise DamagedError("the model's file is not the one that was registered")
    if how["format"] == "skops":
        from skops import io as skops

        return dict(skops.loads(content, trusted=list(how["trusted"])))
    return dict(storage.load(io.BytesIO(content), _world()))


def _by_skops(held: Mapping[str, Any]) -> tuple[bytes, dict[str, Any]] | None:
    try:
        from skops import io as skops

        content = skops.dumps(dict(held))
        trusted = skops.get_untrusted_types(data=content)
        skops.loads(content, trusted=trusted)
    except Exception:  # noqa: BLE001 - a kind of model that it does not hold
        return None
    return content, {"format": "skops", "trusted": trusted}


def _by_pickle(held: Mapping[str, Any]) -> tuple[bytes, dict[str, Any]]:
    file = io.BytesIO()
    storage.dump(dict(held), file, _world())
    note = "reading it runs code: take it only from a registry that you trust"
    return file.getvalue(), {"format": "pickle", "trusted": [], "note": note}


def _world() -> World:
    """The names under which the notebook's own functions and classes are found."""
    main = new_namespace()
    if PIPELINE.definitions:
        functions = loading.load(f"{PIPELINE.package}.functions")
        for name in PIPELINE.definitions:
            setattr(main, name, getattr(functions, name))
    world = World(PIPELINE.package, main)
    world.look_around()
    return world
