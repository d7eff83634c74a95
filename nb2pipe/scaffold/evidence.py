"""What the tests of a repository showed when they ran, and whether it is still about these files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nb2pipe.errors import InputError

FILE = "evidence/tests.json"
OWNERS_FILE = "readiness.yaml"


@dataclass(frozen=True, slots=True)
class Shown:
    """One test that ran, and what it shows."""

    test: str
    passed: bool
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The record of a repository's own test run."""

    shown: tuple[Shown, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)  # of the files that the tests ran on

    def of(self, claim: str) -> tuple[Shown, ...]:
        """The tests for one claim."""
        return tuple(one for one in self.shown if claim in one.claims)

    def stale(self, now: Mapping[str, str]) -> tuple[str, ...]:
        """The files that are other ones now, or gone, or new."""
        then = self.digests
        return tuple(sorted(path for path in {*then, *now} if then.get(path) != now.get(path)))


def evidence_of(text: str | None) -> Evidence:
    """The record in the text of evidence/tests.json; an empty one where the tests never ran."""
    if text is None:
        return Evidence()
    try:
        told: dict[str, Any] = json.loads(text)
        shown = tuple(
            Shown(test, one["outcome"] == "passed", tuple(one["claims"]))
            for test, one in sorted(told["tests"].items())
        )
        return Evidence(shown, {str(path): str(digest) for path, digest in told["files"].items()})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{FILE} is damaged; run make test again") from None


@dataclass(frozen=True, slots=True)
class Owners:
    """Who answers for the repository, and which tests a person did by hand."""

    owner: str = ""
    backup: str = ""
    manual: Mapping[str, str] = field(
        default_factory=dict
    )  # "model.1" -> who, when, where it is written down


def owners_of(text: str | None) -> Owners:
    """The owners in the text of readiness.yaml: `key: value`, and indented lines below `manual:`."""
    top: dict[str, str] = {}
    manual: dict[str, str] = {}
    for number, line in enumerate((text or "").splitlines(), 1):
        bare = line.partition(" #")[0].rstrip()
        if not bare or bare.lstrip().startswith("#"):
            continue
        key, colon, value = bare.partition(":")
        if not colon:
            raise InputError(f"{OWNERS_FILE}, line {number}: write it as `key: value`")
        place = manual if key.startswith(" ") else top
        place[key.strip()] = value.strip().strip("\"'")
    return Owners(
        top.get("owner", ""), top.get("backup", ""), {key: one for key, one in manual.items() if one}
    )
