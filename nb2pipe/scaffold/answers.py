"""The answers as the text of .nb2pipe-answers.yaml."""

import json

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
