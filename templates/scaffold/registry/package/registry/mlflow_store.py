"""The registry kept in MLflow, as versions of one registered model: MODEL_STORE=mlflow:URI."""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from .versions import Registry, RegistryError, line_of

_ID = "id"  # the tag of MLflow's version that holds ours
_MOVE = "move "  # tags that say how the aliases moved begin with it


@dataclass(frozen=True)
class MlflowRegistry(Registry):
    """Versions in MLflow; `folder` holds copies of those that were used here.

    MLflow moves one alias at a time: `previous` before `champion`, so that there is always a way back.
    """

    uri: str = ""
    name: str = ""

    @cached_property
    def _client(self) -> Any:
        try:
            from mlflow import MlflowClient
        except ImportError:
            message = (
                "MODEL_STORE names MLflow, which is not installed: pip install mlflow"
            )
            raise RegistryError(message) from None
        client = MlflowClient(self.uri, self.uri)
        if not client.search_registered_models(f"name = '{self.name}'"):
            client.create_registered_model(self.name)
        return client

    def ids(self) -> list[str]:
        """All versions, the oldest first."""
        return sorted(self._numbers())

    def _numbers(self) -> dict[str, Any]:
        """MLflow's versions, by our ids."""
        found = self._client.search_model_versions(f"name = '{self.name}'")
        return {one.tags[_ID]: one for one in found if _ID in one.tags}

    def aliases(self) -> dict[str, str]:
        """Which version is the champion, and which was it before."""
        ids = {str(one.version): name for name, one in self._numbers().items()}
        told = self._client.get_registered_model(self.name).aliases
        return {alias: ids[str(one)] for alias, one in told.items() if str(one) in ids}

    def content(self, version: str, name: str) -> bytes:
        """A file of a version, fetched when it is not here yet."""
        found = self._numbers().get(version)
        if found is not None and not (self.folder / version / name).exists():
            place = self.folder / version
            place.mkdir(parents=True, exist_ok=True)
            self._client.download_artifacts(found.run_id, name, str(place))
        return super().content(version, name)

    def save(self, version: str, files: Mapping[str, Any], content: bytes) -> None:
        """A new version; it is registered when all of it is stored."""
        super().save(version, files, content)
        client = self._client
        run = client.create_run(self._experiment(), run_name=version).info
        client.log_artifacts(run.run_id, str(self.folder / version))
        for metric in files["manifest.json"]["metrics"]:
            client.log_metric(run.run_id, metric["name"], metric["value"])
        client.set_terminated(run.run_id)
        tags = {_ID: version}
        client.create_model_version(self.name, run.artifact_uri, run.run_id, tags=tags)

    def _experiment(self) -> str:
        known = self._client.get_experiment_by_name(self.name)
        return str(
            known.experiment_id if known else self._client.create_experiment(self.name)
        )

    def point(self, aliases: Mapping[str, str], what: str, why: str, who: str) -> None:
        """Move the aliases, and write down who did it and why."""
        known = self._numbers()
        for alias, version in sorted(aliases.items(), reverse=True):
            number = known[version].version
            self._client.set_registered_model_alias(self.name, alias, number)
        line = line_of(aliases, what, why, who or getpass.getuser())
        number = known[aliases["champion"]].version
        key = f"{_MOVE}{len(self.log()):06}"
        self._client.set_model_version_tag(self.name, number, key, json.dumps(line))

    def log(self) -> list[dict[str, Any]]:
        """Every move of the aliases."""
        tags = [one for found in self._numbers().values() for one in found.tags.items()]
        return [json.loads(told) for key, told in sorted(tags) if key.startswith(_MOVE)]

    def stamp(self) -> Any:
        """It changes when an alias moves."""
        return sorted(self.aliases().items())


def opened(uri: str, name: str, folder: Path) -> MlflowRegistry:
    """The registry at a place that MLflow knows: sqlite:///mlflow.db, http://host:5000."""
    return MlflowRegistry(folder, uri, name)
