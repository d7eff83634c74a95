"""The pages as texts: a training guide, a data card, a model card."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..pipeline import PIPELINE
from ..runner.command import mermaid
from .story import STORY

PACKAGE = Path(__file__).resolve().parents[1]
DOCS = PACKAGE.parent / "docs"
FACTS = PACKAGE / "observed" / "pages.json"


def pages(told: Mapping[str, Any]) -> dict[str, str]:
    """The pages by file name; those that tell of a run only where there was one."""
    made = {"training.md": training()}
    if told:
        made["data_card.md"] = data_card(told["sources"], told["origin"]["data"])
    if told and told["model"]:
        made["model_card.md"] = model_card(told["model"], told["origin"]["code"])
    return made


def known() -> dict[str, Any]:
    """What the last run showed; nothing before the first."""
    return dict(json.loads(FACTS.read_text("utf-8"))) if FACTS.is_file() else {}


def training() -> str:
    """How the model is trained: the stages, and what the author said."""
    lines = [f"# How {PIPELINE.package} is trained", "", *_head(), ""]
    lines += ["```mermaid", mermaid(PIPELINE), "```", ""]
    lines += ["| stage | cells | takes | gives | parameters |", "|---|---|---|---|---|"]
    for stage in PIPELINE.stages:
        cells = ", ".join(map(str, stage.cells))
        flows = (
            ", ".join(names) for names in (stage.inputs, stage.outputs, stage.params)
        )
        lines.append(f"| {stage.name} | {cells} | {' | '.join(flows)} |")
    lines += ["", "## Parameters", ""]
    lines += [f"- `{name}`: {value!r}" for name, value in PIPELINE.parameters.items()]
    lines += [
        "" if PIPELINE.parameters else "None.",
        "",
        "## What the author wrote",
        "",
    ]
    for text in STORY:
        lines += [*(_deeper(line) for line in text.splitlines()), ""]
    return _text(lines)


def _head() -> list[str]:
    return [
        "Written by `make docs` from the pipeline and one run of it; edits are lost."
    ]


def _deeper(line: str) -> str:
    """A heading two levels down, since it stands inside a page."""
    return f"##{line}" if line.startswith("#") else line


def data_card(sources: Mapping[str, Any], files: Mapping[str, str]) -> str:
    """What the data is, as one run saw it."""
    lines = ["# Data card", "", *_head(), ""]
    lines += _files("The run read", files)
    for name, told in sources.items():
        lines += [
            f"## {name}",
            "",
            f"{told['rows']} rows. Contract: {told['note']}.",
            "",
        ]
        lines += ["| column | type | gaps | what was seen |", "|---|---|---|---|"]
        lines += [_column(one) for one in told["columns"]]
        lines.append("")
    lines += ["## For a person to fill in", "", *_asked(_DATA_QUESTIONS)]
    return _text(lines)


def _column(told: Mapping[str, Any]) -> str:
    gaps = "yes" if told["nullable"] else "no"
    why = str(told["why"]).replace("|", "\\|")
    return f"| {told['name']} | {told['dtype']} | {gaps} | {why} |"


def model_card(told: Mapping[str, Any], code: Mapping[str, str]) -> str:
    """What the model is, what it was measured at, and where it is not to be used."""
    contract = told["contract"]
    lines = ["# Model card", "", *_head(), ""]
    lines += [f"`{contract['name']}`, fitted by stage `{told['stage']}`.", ""]
    lines += ["```", told["estimator"], "```", "", "## Measured in the notebook", ""]
    lines += list(_metrics(told["metrics"]))
    lines += ["", "## Takes", "", "| column | type | seen |", "|---|---|---|"]
    for one in contract["shape"]["columns"]:
        lines.append(f"| {one['name']} | {one['type']} | {_seen(one)} |")
    stages = contract["start"]["stages"]
    entry = f"stage `{stages[0]}`" if stages else "the estimator"
    lines += ["", f"Rows enter at {entry}."]
    lines += [
        f"- not before `{one['before']}`: {one['because']}"
        for one in contract["blocked"]
    ]
    lines += ["", *_files("It was fitted by", code)]
    lines += ["## For a person to fill in", "", *_asked(_MODEL_QUESTIONS)]
    return _text(lines)


def _files(what: str, files: Mapping[str, str]) -> list[str]:
    """Files with the beginning of their digests: another file makes the page stale."""
    lines = [f"- `{name}` {digest[:16]}" for name, digest in files.items()]
    return [f"{what} (SHA-256):", "", *(lines or ["- no file of this repository"]), ""]


def _metrics(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in found:
        place = f"stage `{one['stage']}`, line {one['line']}"
        yield f"- {one['name']}: {one['value']:.4g} ({place})"
    if not found:
        yield "Nothing was measured."


def _seen(column: Mapping[str, Any]) -> str:
    if column["low"] is not None:
        return f"{column['low']:g} to {column['high']:g}"
    return ", ".join(column["values"] or ["any"])


_DATA_QUESTIONS = (
    "Where does the data come from, and who may use it?",
    "Whom or what does it leave out?",
    "How old may it be?",
)
_MODEL_QUESTIONS = (
    "What is it for, and what is it not for?",
    "Who is hurt by a wrong answer, and how?",
    "On which groups was it looked at?",
)


def _asked(questions: Sequence[str]) -> list[str]:
    """Answers stand in docs/answers.md, which is never written by a program."""
    return [*(f"- {one}" for one in questions), "", "Answers: [answers.md](answers.md)"]


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"
