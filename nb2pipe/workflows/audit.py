"""Notebook files -> findings, one report a notebook; a file that cannot be read is a line of the report."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nb2pipe import audit as rules
from nb2pipe import graph, notebooks
from nb2pipe.analysis import gather
from nb2pipe.audit import Finding
from nb2pipe.errors import InputError, Nb2pipeError
from nb2pipe.graph import VariableGraph
from nb2pipe.notebooks import Notebook

SKIPPED_FOLDERS = frozenset((".ipynb_checkpoints", ".git", "node_modules", ".venv", "venv", "__pycache__"))


@dataclass(frozen=True)
class Audited:
    """One notebook's graph and findings, or why it could not be read."""

    path: str
    notebook: Notebook | None
    graph: VariableGraph | None
    findings: tuple[Finding, ...]
    error: str | None = None


def audit_file(path: Path) -> Audited:
    """Audit one file; what cannot be read is said in `error`."""
    try:
        notebook = notebooks.read(path)
    except Nb2pipeError as error:
        return Audited(str(path), None, None, (), str(error))
    beside = _beside(path)
    facts = gather(notebook, [name for name in beside if name.endswith(".py") or "." not in name])
    found = graph.build(facts)
    return Audited(str(path), notebook, found, rules.audit(found, beside))


def _beside(path: Path) -> frozenset[str]:
    """The names of modules and files beside the notebook."""
    try:
        entries = list(path.parent.iterdir())
    except OSError:
        return frozenset()
    return frozenset(
        entry.name for entry in entries if entry.suffix or (entry.is_dir() and any(entry.glob("*.py")))
    )


def notebooks_in(paths: tuple[Path, ...]) -> Iterator[Path]:
    """The notebooks that these files, folders and patterns mean."""
    for path in paths:
        if path.is_dir():
            found = sorted(one for one in path.rglob("*.ipynb") if not SKIPPED_FOLDERS & set(one.parts))
            if not found:
                raise InputError(f"{path} holds no notebooks (*.ipynb); give a notebook or another folder")
            yield from found
        else:
            yield path
