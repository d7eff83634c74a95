"""The answers as the text of .nb2pipe-answers.yaml, and back."""

import json
from typing import Any

from nb2pipe.errors import InputError

from .model import Answers

FILE = ".nb2pipe-answers.yaml"


def answers_yaml(answers: Answers, version: str) -> str:
    """One line an answer; strings are quoted, so that every reader gives the same text."""
    return "".join(
        f"{line}\n"
        for line in (
            "# What was chosen when nb2pipe made this repository.",
            f"nb2pipe: {json.dumps(version)}",
            f"parts: {json.dumps(list(answers.parts))}",
            f"owner: {json.dumps(answers.owner)}",
            f"backup: {json.dumps(answers.backup)}",
            f"serve: {json.dumps(answers.serve)}",
        )
    )


def answers_of(text: str) -> Answers:
    """The answers that such a text gives; InputError names the line that is none."""
    told: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), 1):
        key, _, value = line.partition(": ")
        if key.strip() and not key.startswith("#"):
            try:
                told[key] = json.loads(value)
            except ValueError:
                raise InputError(f'{FILE}, line {number}: write it as `key: "value"`') from None
    return Answers(
        tuple(told.get("parts", ())), *(str(told.get(key, "")) for key in ("owner", "backup", "serve"))
    )
