"""The folder of versions: one folder each, and one file that says which of them is the champion."""

from __future__ import annotations

import getpass
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..observing.model import Answer, Model, Start
from ..observing.rows import shape_from
from ..pipeline import PIPELINE
from . import saving

ALIASES = "aliases.json"


class RegistryError(Exception):
    """What was asked cannot be done; the sentence says why."""


@dataclass(frozen=True)
class Registry:
    """Versions below a folder."""

    folder: Path

    def ids(self) -> list[str]:
        """All versions, the oldest first."""
        return sorted(path.parent.name for path in self.folder.glob("*/manifest.json"))

    def aliases(self) -> dict[str, str]:
        """Which version is the champion, and which was it before."""
        try:
            return dict(json.loads((self.folder / ALIASES).read_text("utf-8")))
        except FileNotFoundError:
            return {}

    def manifest(self, version: str) -> dict[str, Any]:
        """What a version was made of."""
        return dict(self._read(version, "manifest.json"))

    def contract(self, version: str) -> dict[str, Any]:
        """What a version takes."""
        return dict(self._read(version, "contract.json"))

    def sample(self, version: str) -> list[dict[str, Any]]:
        """Rows with the answers that the version gave when it was made."""
        return list(self._read(version, "sample.json"))

    def reference(self, version: str) -> dict[str, Any]:
        """How the training data was distributed."""
        return dict(self._read(version, "reference.json"))

    def load(self, version: str) -> Model:
        """The version, ready to answer."""
        how, told = self.manifest(version)["model"], self.contract(version)
        held = saving.loaded(self.content(version, "model.bin"), how)
        start = Start(**{**told["start"], "state": held["state"]})
        return Model(
            told["name"],
            shape_from(told["shape"]),
            start,
            held["chain"],
            held["estimator"],
        )

    def save(self, version: str, files: Mapping[str, Any], content: bytes) -> None:
        """A new version; it is there whole, or not at all."""
        part = self.folder / f".{version}.{os.getpid()}"
        part.mkdir(parents=True)
        (part / "model.bin").write_bytes(content)
        for name, told in files.items():
            (part / name).write_text(json.dumps(told, indent=1) + "\n", "utf-8")
        part.rename(self.folder / version)

    def point(self, aliases: Mapping[str, str], what: str, why: str, who: str) -> None:
        """Move the aliases, all at once, and write down who did it and why."""
        path = self.folder / ALIASES
        part = path.with_name(f".{ALIASES}.{os.getpid()}")
        part.write_text(json.dumps(dict(aliases), indent=1) + "\n", "utf-8")
        part.replace(path)
        line = line_of(aliases, what, why, who or getpass.getuser())
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def log(self) -> list[dict[str, Any]]:
        """Every move of the aliases."""
        try:
            text = (self.folder / "log.jsonl").read_text("utf-8")
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in text.splitlines()]

    def check(self, version: str) -> Model:
        """The version, loaded and asked; RegistryError where it does not answer as it did."""
        try:
            model, sample = self.load(version), self.sample(version)
            answers = model.predict([one["row"] for one in sample])
        except Exception as error:
            raise RegistryError(f"{version} does not answer: {error}") from error
        for was, answer in zip(sample, answers):
            if not agrees(was["answer"], answer):
                raise RegistryError(f"{version} answers otherwise than it did")
        return model

    def content(self, version: str, name: str) -> bytes:
        """A file of a version."""
        return (self.folder / version / name).read_bytes()

    def stamp(self) -> Any:
        """It changes when an alias moves."""
        try:
            status = (self.folder / ALIASES).stat()
        except OSError:
            return 0, 0
        return status.st_mtime_ns, status.st_ino

    def _read(self, version: str, name: str) -> Any:
        try:
            return json.loads(self.content(version, name))
        except FileNotFoundError:
            known = ", ".join(self.ids()) or "none: make train"
            raise RegistryError(f"no version {version}; there are: {known}") from None


def line_of(
    aliases: Mapping[str, str], what: str, why: str, who: str
) -> dict[str, Any]:
    """What is written down of a move."""
    return {"when": now(), "what": what, "to": dict(aliases), "why": why, "who": who}


def agrees(was: Mapping[str, Any], answer: Answer) -> bool:
    """Whether an answer is the one that was given, up to the last bits of a float."""
    if not _same(was["prediction"], answer.prediction):
        return False
    chances = answer.probabilities or {}
    return all(
        _same(p, chances[name]) for name, p in (was["probabilities"] or {}).items()
    )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one))
    return bool(one == other)


def now() -> str:
    """The moment, in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def registry() -> Registry:
    """The registry of this repository, or the one that MODEL_STORE names: a folder, or mlflow:URI."""
    own = Path(__file__).resolve().parents[2] / "models"
    named = os.environ.get("MODEL_STORE") or str(own)
    if named.startswith("mlflow:"):
        from .mlflow_store import opened

        return opened(named.removeprefix("mlflow:"), PIPELINE.package, own)
    return Registry(Path(named))
