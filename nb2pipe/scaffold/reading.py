"""Which of the files and folders beside a notebook its code names, as far as its texts tell."""

import ast
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import PurePosixPath

from nb2pipe.analysis import Facts

_SIGNS = frozenset("*?[")
_FITS = frozenset({"fit", "fit_transform", "fit_predict", "partial_fit"})


def read_files(facts: Facts, beside: Iterable[str]) -> tuple[str, ...]:
    """Those of the files (paths below the notebook's folder) that a text or an import of the notebook names."""
    texts = frozenset(_clean(text) for text in _texts(facts) if text.strip())
    modules = _modules(facts)
    return tuple(
        path for path in beside if _is_of(path, modules) or any(_names(text, path) for text in texts)
    )


def fits_model(facts: Facts) -> bool:
    """Whether the notebook calls a method that fits something."""
    nodes = (node for statement in facts.statements for node in ast.walk(statement.node))
    return any(isinstance(node, ast.Attribute) and node.attr in _FITS for node in nodes)


def named_folders(facts: Facts, folders: Iterable[str]) -> tuple[str, ...]:
    """Those of the folders that a text of the notebook begins with."""
    texts = frozenset(_clean(text) for text in _texts(facts) if text.strip())
    return tuple(name for name in folders if any(f"{text}/".startswith(f"{name}/") for text in texts))


def _modules(facts: Facts) -> frozenset[str]:
    """The modules beside the notebook where it imports one of them: they may import each other."""
    imported = {one.root for statement in facts.statements for one in statement.imports}
    imported |= {name.partition(".")[0] for statement in facts.statements for name in statement.star_imports}
    return frozenset() if facts.local_modules.isdisjoint(imported) else facts.local_modules


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


def _is_of(path: str, modules: frozenset[str]) -> bool:
    return path.endswith(".py") and PurePosixPath(path).parts[0].removesuffix(".py") in modules


def _names(text: str, path: str) -> bool:
    """Whether a text names the file, a folder above it, or a pattern that it fits; or ends in its name."""
    file = PurePosixPath(path)
    if _SIGNS & set(text) and len(text) < 300:
        return fnmatch(path, text) or fnmatch(file.name, text)
    folders = {parent.as_posix() for parent in file.parents} - {"."}
    return text in (path, file.name) or text in folders or text.endswith(f"/{file.name}")
