"""Jupyter's own format: JSON, nbformat 4 read here, everything else by nbformat."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nb2pipe.errors import InputError
from nb2pipe.notebooks.formats import Contents
from nb2pipe.notebooks.model import Cell, CellKind

RANK = 0
KINDS: dict[str, CellKind] = {"code": "code", "markdown": "markdown", "raw": "raw"}


def claims(text: str, path: str) -> bool:
    """Whether the file says by its name, or by its first character, that it is a notebook in JSON."""
    return path.endswith(".ipynb") or text.lstrip()[:1] == "{"


def contents(text: str, path: str) -> Contents:
    """The cells of a notebook in JSON; what nbformat 4 asks for and the file lacks becomes a warning."""
    document = _object(text, path)
    version = document.get("nbformat")
    warnings: list[str] = []
    if version == 3:
        document = _upgraded(text, path)
        warnings.append("the file is of nbformat 3 and was read as nbformat 4")
    elif not _is_plain(document):
        _explain(document, path)
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        warnings.append("the notebook has no metadata")
        metadata = {}
    _check_language(metadata, path)
    cells = _cells(document["cells"], path, warnings, wants_ids=_wants_ids(document))
    return Contents(cells, tuple(dict.fromkeys(warnings)), metadata)


def _object(text: str, path: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        hint = "save it again from Jupyter, or remove what a merge left in it"
        raise InputError(
            f"{path} is not a notebook: no valid JSON at {place} ({error.msg}); {hint}."
        ) from None
    except (RecursionError, ValueError) as error:  # ValueError: an integer of more than 4300 digits
        raise InputError(
            f"{path} is not a notebook: its JSON cannot be read ({type(error).__name__})."
        ) from None
    if not isinstance(document, dict) or not {"nbformat", "cells", "worksheets"} & document.keys():
        raise InputError(
            f"{path} is JSON but no notebook: it has no `nbformat` and no `cells`; give a .ipynb file."
        )
    return document


def _is_plain(document: Mapping[str, Any]) -> bool:
    return document.get("nbformat") == 4 and isinstance(document.get("cells"), list)


def _explain(document: Mapping[str, Any], path: str) -> None:
    version = document.get("nbformat")
    if isinstance(version, int) and version in (1, 2):
        hint = "open and save it with a newer Jupyter first"
        raise InputError(f"{path} is of nbformat {version}, which is too old to be read; {hint}.")
    if version is not None and version not in (3, 4):
        hint = "nb2pipe reads nbformat 3 and 4"
        raise InputError(f"{path} is of nbformat {version!r}, which is not known; {hint}.")
    if not isinstance(document.get("cells"), list):
        raise InputError(
            f"{path} is not a notebook: {_nbformat_words(document)}; save it again from Jupyter."
        )


def _nbformat_words(document: Mapping[str, Any]) -> str:
    import nbformat

    try:
        nbformat.validate(dict(document))
    except nbformat.ValidationError as error:
        return str(error).strip().splitlines()[0].rstrip(".")
    except Exception as error:  # noqa: BLE001 - nbformat stumbles over some inputs itself
        return f"nbformat cannot read it ({type(error).__name__})"
    return "its cells are no list"


def _upgraded(text: str, path: str) -> dict[str, Any]:
    import nbformat

    try:
        # nbformat splits and joins on its own; a plain dict again keeps the rest of this file simple
        document = json.loads(nbformat.writes(nbformat.reads(text, as_version=4)))
    except Exception as error:  # noqa: BLE001 - any fault of an old file surfaces as some exception of the upgrade
        words = str(error).strip().splitlines()[:1] or [type(error).__name__]
        raise InputError(
            f"{path} is of nbformat 3 and cannot be upgraded: {words[0]}; save it again."
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise InputError(f"{path} is of nbformat 3 and has no cells; save it again from Jupyter.")
    return document


def _check_language(metadata: Mapping[str, Any], path: str) -> None:
    language = str(_language(metadata) or "python")
    if language.lower() not in ("python", "ipython", "python2", "python3", "ipython3"):
        raise InputError(
            f"{path} is a notebook in {language}, not in Python; nb2pipe converts Python notebooks."
        )


def _language(metadata: Mapping[str, Any]) -> object:
    for holder, key in (("kernelspec", "language"), ("language_info", "name")):
        value = metadata.get(holder)
        if isinstance(value, dict) and value.get(key):
            return value[key]
    return metadata.get("language")


def _wants_ids(document: Mapping[str, Any]) -> bool:
    minor = document.get("nbformat_minor")
    return isinstance(minor, int) and minor >= 5


def _cells(found: list[Any], path: str, warnings: list[str], *, wants_ids: bool) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    number, taken = 0, _ids(found)
    for index, raw in enumerate(found):
        place = f"cell {index + 1} of the file"
        if not isinstance(raw, dict) or raw.get("cell_type") not in KINDS:
            kind = raw.get("cell_type") if isinstance(raw, dict) else type(raw).__name__
            raise InputError(f"{path}: {place} has the unknown type {kind!r}; remove it.")
        number += raw["cell_type"] == "code"
        warnings += (f"{place} has no {what}" for what in _lacks(raw, wants_ids=wants_ids))
        source = _source(raw.get("source", ""), f"{path}: {place}")
        cells.append(_cell(raw, source, index, number, _id(raw, index, taken)))
    return tuple(cells)


def _lacks(raw: Mapping[str, Any], *, wants_ids: bool) -> Iterator[str]:
    """What nbformat 4 wants of a cell and this one does not have."""
    if wants_ids and not isinstance(raw.get("id"), str):
        yield "id"
    if not isinstance(raw.get("metadata"), dict):
        yield "metadata"
    if "source" not in raw:
        yield "source"
    if raw["cell_type"] == "code" and not isinstance(raw.get("outputs"), list):
        yield "list of outputs"


def _ids(found: Iterable[Any]) -> frozenset[str]:
    return frozenset(raw["id"] for raw in found if isinstance(raw, dict) and isinstance(raw.get("id"), str))


def _id(raw: Mapping[str, Any], index: int, taken: frozenset[str]) -> str:
    if isinstance(raw.get("id"), str) and raw["id"]:
        return str(raw["id"])
    made = f"cell-{index}"
    while made in taken:
        made += "-"
    return made


def _cell(raw: Mapping[str, Any], source: str, index: int, number: int, cell_id: str) -> Cell:
    kind = KINDS[raw["cell_type"]]
    if kind != "code":
        return Cell(kind, source, index, 0, cell_id, _tags(raw))
    count = raw.get("execution_count")
    counted = count if isinstance(count, int) and not isinstance(count, bool) else None
    return Cell(kind, source, index, number, cell_id, _tags(raw), counted, _outputs(raw))


def _source(source: object, place: str) -> str:
    if isinstance(source, list) and all(isinstance(part, str) for part in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise InputError(f"{place} has a source that is no text; save the notebook again from Jupyter.")
    return source


def _tags(raw: Mapping[str, Any]) -> frozenset[str]:
    metadata = raw.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset()


def _outputs(raw: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    outputs = raw.get("outputs")
    return (
        tuple(output for output in outputs if isinstance(output, dict)) if isinstance(outputs, list) else ()
    )
