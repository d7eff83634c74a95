"""Databricks' source format: a Python file whose cells are parted by `# COMMAND ----------`."""

import re

from nb2pipe.errors import InputError
from nb2pipe.notebooks.formats import Contents
from nb2pipe.notebooks.model import Cell, CellKind

RANK = 10
HEADER = "# Databricks notebook source"
SEPARATOR = re.compile(r"^# COMMAND -{5,}[ \t]*$", re.MULTILINE)
MAGIC = re.compile(r"^# MAGIC(?: |$)")
TITLE = re.compile(r"^# DBTITLE \d+,(?P<title>.*)\n?")
SHELL = "%sh"


def claims(text: str, _path: str) -> bool:
    """Whether the first line is Databricks' header."""
    return text.lstrip().startswith(HEADER)


def contents(text: str, path: str) -> Contents:
    """The cells between the separators; `# MAGIC` lines are uncommented, `%md` cells are markdown."""
    body = text.lstrip()[len(HEADER) :]
    cells: list[Cell] = []
    number = 0
    for index, part in enumerate(SEPARATOR.split(body)):
        kind, source, title = _cell(part.strip("\n"), path)
        number += kind == "code"
        cells.append(Cell(kind, source, index, number if kind == "code" else 0, f"cell-{index}", title=title))
    return Contents(tuple(cells))


def _cell(part: str, path: str) -> tuple[CellKind, str, str]:
    title = TITLE.match(part)
    source = part[title.end() :] if title else part
    lines = source.split("\n")
    if any(MAGIC.match(line) for line in lines):
        source = "\n".join(MAGIC.sub("", line) for line in lines)
    kind, text = _kind(source, path)
    return kind, text, title["title"].strip() if title else ""


def _kind(source: str, path: str) -> tuple[CellKind, str]:
    first, _, rest = source.partition("\n")
    word, _, after = first.partition(" ")
    if word in ("%md", "%md-sandbox"):
        return "markdown", f"{after}\n{rest}".strip("\n")
    if word in ("%r", "%scala"):
        language = {"%r": "R", "%scala": "Scala"}[word]
        raise InputError(
            f"{path} has a cell in {language}, not in Python; nb2pipe converts Python notebooks."
        )
    if word == "%python":
        return "code", f"{after}\n{rest}".lstrip("\n")
    if word in (SHELL, "%sql") and rest:
        return "code", f"%{source}"  # what Databricks writes %sh for a whole cell, IPython writes %%sh
    return "code", source
