"""The version that answers; it is replaced while requests run, and none of them notices."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ..observing.model import Model
from ..registry.versions import Registry, RegistryError

_SECONDS = 0.5


@dataclass(frozen=True)
class Loaded:
    """A version with its model."""

    version: str
    model: Model


class Champion:
    """Follows the registry's alias: loads and asks a new version first, then takes it."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.trouble = ""
        self._seen = registry.stamp()
        version = registry.aliases().get("champion")
        if version is None:
            raise RegistryError("there is no champion: make train")
        self.loaded = Loaded(version, registry.check(version))
        self._end = threading.Event()

    def refresh(self) -> None:
        """Take another version where the alias has moved; keep this one where that fails."""
        try:
            stamp = self.registry.stamp()
        except Exception:  # noqa: BLE001 - the registry is out of reach for a while
            return
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            version = self.registry.aliases()["champion"]
            if version != self.loaded.version:
                self.loaded = Loaded(version, self.registry.check(version))
            self.trouble = ""
        except Exception as error:  # noqa: BLE001 - whatever it is, this one still answers
            self.trouble = str(error)

    def follow(self) -> None:
        """Look at the alias from time to time, beside the requests."""
        threading.Thread(target=self._follow, daemon=True).start()

    def stop(self) -> None:
        """Do not look any more."""
        self._end.set()

    def _follow(self) -> None:
        while not self._end.wait(_SECONDS):
            self.refresh()
