"""Bytes to Notebook: the text is decoded, given to the format that claims it, and its ends of line made alike."""

import codecs
import hashlib
import re
from dataclasses import replace
from pathlib import Path, PurePath

from nb2pipe.errors import InputError
from nb2pipe.notebooks import formats
from nb2pipe.notebooks.model import Cell, Notebook

SURROGATE = re.compile("[\ud800-\udfff]")


def read(path: Path) -> Notebook:
    """The notebook in the file; InputError says in one sentence why there is none."""
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the name and the folder.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder, not a notebook; give a file in it.") from None
    except PermissionError:
        raise InputError(f"{path} cannot be read: permission denied; change its permissions.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    return parse(data, str(path))


def parse(text: bytes, path: str) -> Notebook:
    """The notebook that the bytes of a file say; `path` chooses the format where the text leaves it open."""
    decoded = _decoded(text, path)
    found = next((known for known in formats.known() if known.claims(decoded, path)), None)
    if found is None:
        hint = "nb2pipe reads .ipynb files, percent scripts (`# %%`) and Databricks' .py files"
        raise InputError(f"{path} is not a notebook; {hint}.")
    contents = found.contents(decoded, path)
    return Notebook(
        path=path,
        name=PurePath(path).stem,
        cells=tuple(_tidy(cell, path) for cell in contents.cells),
        digest=hashlib.sha256(text).hexdigest(),
        warnings=contents.warnings,
        metadata=contents.metadata,
    )


def _decoded(data: bytes, path: str) -> str:
    if not data.strip():
        raise InputError(f"{path} is empty; save the notebook again.")
    if b"\0" in data:
        raise InputError(f"{path} is not a notebook: it holds null bytes; it is binary, UTF-16, or damaged.")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from None
    return text if path.endswith(".ipynb") else _plain_ends(text)


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _tidy(cell: Cell, path: str) -> Cell:
    if not cell.source.isascii() and SURROGATE.search(cell.source):
        hint = "retype it in Jupyter"
        raise InputError(
            f"{path}: cell {cell.index + 1} of the file holds half a character (a surrogate); {hint}."
        )
    return replace(cell, source=_plain_ends(cell.source)) if "\r" in cell.source else cell
