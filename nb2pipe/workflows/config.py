"""`[tool.nb2pipe]` of the nearest pyproject.toml."""

import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path
from typing import Any

from nb2pipe.audit import matching
from nb2pipe.errors import InputError

FAIL_ON = ("error", "warning", "info", "never")
KEYS = ("select", "ignore", "fail-on", "baseline", "exclude", "per-path")


@dataclass(frozen=True, slots=True)
class Config:
    """What a project wants of the audit."""

    folder: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str | None = None
    baseline: str | None = None
    exclude: tuple[str, ...] = ()
    per_path: tuple[tuple[str, tuple[str, ...]], ...] = field(
        default=()
    )  # pattern -> rules to leave out there

    def ignored_for(self, path: Path) -> tuple[str, ...]:
        """The rules that are left out for a notebook."""
        found = [rule for pattern, rules in self.per_path if self.matches(path, pattern) for rule in rules]
        return (*self.ignore, *found)

    def is_excluded(self, path: Path) -> bool:
        """Whether a notebook in a folder is passed over."""
        return any(self.matches(path, pattern) for pattern in self.exclude)

    def matches(self, path: Path, pattern: str) -> bool:
        """Whether a pattern, relative to the pyproject's folder, means this file."""
        place = path.resolve()
        if self.folder is not None and place.is_relative_to(self.folder):
            place = place.relative_to(self.folder)
        return fnmatch(place.as_posix(), pattern) or fnmatch(path.name, pattern)


def config_for(path: Path) -> Config:
    """The settings for a notebook or folder: of the nearest pyproject.toml that has `[tool.nb2pipe]`."""
    place = path.resolve()
    return _of_folder(place if place.is_dir() else place.parent)


@lru_cache(maxsize=256)
def _of_folder(folder: Path) -> Config:
    for one in (folder, *folder.parents):
        file = one / "pyproject.toml"
        if file.is_file():
            table = _table(file)
            if table is not None:
                return _config(file, table)
    return Config()


def _table(file: Path) -> dict[str, Any] | None:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read as TOML: {error}") from None
    tool = content.get("tool")
    table = tool.get("nb2pipe") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _config(file: Path, table: dict[str, Any]) -> Config:
    for key in table:
        if key not in KEYS:
            raise InputError(
                f"{file}: [tool.nb2pipe] has the unknown key {key!r}; it knows {', '.join(KEYS)}"
            )
    fail_on = table.get("fail-on")
    if fail_on is not None and fail_on not in FAIL_ON:
        raise InputError(f"{file}: fail-on = {fail_on!r} is none of {', '.join(FAIL_ON)}")
    per_path = table.get("per-path", {})
    if not isinstance(per_path, dict):
        raise InputError(
            f'{file}: [tool.nb2pipe.per-path] has a line for each pattern: "drafts/*" = ["NB106"]'
        )
    baseline = table.get("baseline")
    return Config(
        folder=file.parent,
        select=_rules(file, "select", table.get("select", [])),
        ignore=_rules(file, "ignore", table.get("ignore", [])),
        fail_on=fail_on,
        baseline=str(file.parent / baseline) if isinstance(baseline, str) else None,
        exclude=_words(file, "exclude", table.get("exclude", [])),
        per_path=tuple(
            (str(pattern), _rules(file, f"per-path.{pattern}", rules)) for pattern, rules in per_path.items()
        ),
    )


def _words(file: Path, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InputError(f"{file}: {key} has to be a list of texts")
    return tuple(value)


def _rules(file: Path, key: str, value: object) -> tuple[str, ...]:
    words = _words(file, key, value)
    _, unknown = matching(words)
    if unknown:
        raise InputError(
            f"{file}: {key} names {unknown[0]!r}, which is no rule; see `nb2pipe explain --list`"
        )
    return words
