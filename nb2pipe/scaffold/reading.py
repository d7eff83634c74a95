"""Which of the files beside a notebook its code reads, as far as its texts tell."""

import ast
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import PurePosixPath

from nb2pipe.analysis import Facts

_SIGNS = frozenset("*?[")


def read_files(facts: Facts, beside: Iterable[str]) -> tuple[str, ...]:
    """Those of the files (paths below the notebook's folder) that a text or an import of the notebook names."""
    texts = frozenset(_clean(text) for text in _texts(facts) if text.strip())
    return tuple(path for path in beside if _is_module(path, facts) or any(_names(text, path) for text in texts))


def _texts(facts: Facts) -> Iterator[str]:
    for cell in facts.cells:
        for use in cell.lifted.magics:
            yield from use.argument.split()
    for statement in facts.statements:
        for node in ast.walk(statement.node):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _clean(text: str) -> str:
    return text.replace("\\", "/").removeprefix("./").strip("/'\"")


def _is_module(path: str, facts: Facts) -> bool:
    root = PurePosixPath(path).parts[0]
    return root.removesuffix(".py") in facts.local_modules and path.endswith(".py")


def _names(text: str, path: str) -> bool:
    """Whether a text names the file, a folder above it, or a pattern that it fits; or ends in its name."""
    file = PurePosixPath(path)
    if _SIGNS & set(text) and len(text) < 300:
        return fnmatch(path, text) or fnmatch(file.name, text)
    folders = {parent.as_posix() for parent in file.parents} - {"."}
    return text == path or text == file.name or text in folders or text.endswith(f"/{file.name}")
