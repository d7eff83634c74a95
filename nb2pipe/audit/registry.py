"""The rules: every module in `rules/` is one."""

import importlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from .model import Example, Finding, Rule, View


class Entry(NamedTuple):
    """A rule with its check, its examples and what its file says of it."""

    rule: Rule
    check: Callable[[View], Iterable[Finding]]
    good: list[Example]
    bad: list[tuple[Example, list[str]]]
    text: str


@cache
def entries() -> tuple[Entry, ...]:
    """All rules, by code."""
    names = sorted(
        path.stem for path in (Path(__file__).parent / "rules").glob("*.py") if path.stem[0] != "_"
    )
    modules = (importlib.import_module(f"{__package__}.rules.{name}") for name in names)
    return tuple(sorted((_entry(module) for module in modules), key=lambda one: one.rule.code))


def _entry(module: ModuleType) -> Entry:
    return Entry(module.RULE, module.check, module.GOOD, module.BAD, module.__doc__ or "")


def find(code_or_name: str) -> Entry | None:
    """The rule with this code or name."""
    wanted = code_or_name.lower()
    return next((one for one in entries() if wanted in (one.rule.code.lower(), one.rule.name)), None)


def matching(words: Iterable[str]) -> tuple[frozenset[str], list[str]]:
    """The codes that these codes, names and families (`1xx`, `NB1`) mean, and the words that mean none."""
    codes: set[str] = set()
    unknown = []
    for word in words:
        hits = set(_hits(word))
        codes |= hits
        if not hits:
            unknown.append(word)
    return frozenset(codes), unknown


def _hits(word: str) -> Iterator[str]:
    text = word.strip().upper()
    family = text.removeprefix("NB").rstrip("X") if text.removeprefix("NB").rstrip("X").isdigit() else ""
    for one in entries():
        rule = one.rule
        if text in ("ALL", rule.code, rule.code[2:], rule.name.upper()) or (
            len(family) in (1, 2) and rule.code[2:].startswith(family)
        ):
            yield rule.code
