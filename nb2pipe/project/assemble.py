"""The files of a converted project: what was rewritten, the one definition, the runner, and what stands around them."""

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nb2pipe.analysis import Facts
from nb2pipe.analysis.catalogue import catalogue
from nb2pipe.planning import Plan, StagePlan
from nb2pipe.rendering import LOCK, FileTree, digests, formatted, lock_text, render, runtime_files
from nb2pipe.rewriting import Modules

from .params import params_yaml

_SESSION_MODULE = "shell_session.py"
# These draw with the backend that kernels have.
_DRAWS = frozenset({"matplotlib", "mpl_toolkits", "pylab", "seaborn"})


def assemble(
    plan: Plan,
    modules: Modules,
    facts: Facts,
    target: Path,
    pins: Mapping[str, tuple[str, str]] | None = None,
    options: Mapping[str, object] | None = None,
) -> FileTree:
    """All files of the project; the same input gives the same bytes."""
    package = plan.package
    params = params_yaml(plan)
    tree = {
        "params.yaml": params,
        "requirements.txt": _requirements(plan, facts, modules, pins),
        "pyproject.toml": render("project/pyproject.toml.j2", package=package),
        ".gitignore": "__pycache__/\nruns/\n",
        f"{package}/__init__.py": f'"""{_docstring(plan)}"""\n',
        f"{package}/__main__.py": render("project/main.py.j2", package=package),
        f"{package}/pipeline.py": _pipeline(plan, modules, params),
        f"{package}/stages/__init__.py": '"""The stages, one module each."""\n',
        "tests/test_pipeline.py": _tests(plan),
    }
    tree |= {f"{package}/{path}": text for path, text in modules.files.items()}
    python = {path: text for path, text in tree.items() if path.endswith(".py")}
    tree |= formatted(python)
    tree |= {f"{package}/runner/{name}": text for name, text in _runtime(plan).items()}
    tree[LOCK] = _lock(plan, facts, target, tree, options or {})
    return tree


def _tests(plan: Plan) -> str:
    has_functions = any(stage.kind == "function" for stage in plan.stages)
    return render("project/test_pipeline.py.j2", package=plan.package, functions=has_functions)


def _runtime(plan: Plan) -> dict[str, str]:
    has_session = any(stage.ipython for stage in plan.stages)
    return {name: text for name, text in runtime_files().items() if has_session or name != _SESSION_MODULE}


def _docstring(plan: Plan) -> str:
    text = (plan.title or plan.package.replace("_", " ").capitalize()).replace("\\", "\\\\").replace('"', "'")
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _pipeline(plan: Plan, modules: Modules, params: str) -> str:
    return render(
        "project/pipeline.py.j2",
        docstring=_docstring(plan),
        package=plan.package,
        parameters=plan.parameters,
        constants=[one.name for one in plan.parameters if one.is_constant],
        definitions=[one.name for one in plan.definitions],
        held=list(plan.held),
        one_process=plan.one_process,
        kept_open=list(plan.kept_open),
        patched=list(plan.patched),
        imports=list(modules.imports),
        params_digest=hashlib.sha256(params.encode()).hexdigest()[:16],
        stages=[{"name": stage.name, "fields": _fields(stage)} for stage in plan.stages],
    )


def _fields(stage: StagePlan) -> list[tuple[str, Any]]:
    """The keywords of a Stage that differ from its defaults."""
    fields: list[tuple[str, Any]] = [("kind", stage.kind)] if stage.kind != "function" else []
    fields.append(("cells", list(stage.cells)))
    lists = ("inputs", "params", "outputs", "perhaps", "deletes", "carries")
    fields += [(key, list(getattr(stage, key))) for key in lists if getattr(stage, key)]
    return fields + [(key, True) for key in ("ipython", "may_raise") if getattr(stage, key)]


def _requirements(
    plan: Plan, facts: Facts, modules: Modules, pins: Mapping[str, tuple[str, str]] | None
) -> str:
    roots = [
        root
        for root in modules.imports
        if root not in sys.stdlib_module_names and root not in facts.local_modules
    ]
    lines = {_requirement(root, pins) for root in roots}
    installs = {one for cell in facts.cells for one in cell.lifted.installs}
    known = {line.partition("==")[0].lower().replace("_", "-") for line in lines}
    lines |= {one for one in installs if _bare(one) not in known}
    if any(stage.ipython for stage in plan.stages):
        lines.add(_requirement("IPython", pins).replace("IPython", "ipython", 1))
    if plan.parameters:
        lines.add(_requirement("yaml", pins))
    if not _DRAWS.isdisjoint(roots):
        lines.add(_requirement("matplotlib_inline", pins))
    return "".join(f"{line}\n" for line in sorted(lines, key=str.lower))


def _requirement(root: str, pins: Mapping[str, tuple[str, str]] | None) -> str:
    if pins and root in pins:
        name, version = pins[root]
        return f"{name}=={version}"
    return catalogue().distribution(root)


def _bare(requirement: str) -> str:
    name = requirement
    for sign in "<>=!~[; ":
        name = name.partition(sign)[0]
    return name.lower().replace("_", "-")


def _lock(
    plan: Plan, facts: Facts, target: Path, tree: Mapping[str, str], options: Mapping[str, object]
) -> str:
    """Where every stage came from; no absolute path, no time."""
    cells = {cell.number: cell.lifted.cell for cell in facts.cells}
    place = os.path.relpath(Path(facts.notebook.path).resolve(), target.resolve())
    lock = {
        "schema": "nb2pipe.lock/1",
        "notebook": Path(place).as_posix(),
        "digest": facts.notebook.digest,
        "package": plan.package,
        "options": dict(options),
        "stages": [
            {
                "name": stage.name,
                "kind": stage.kind,
                "cells": list(stage.cells),
                "cell_ids": [cells[number].id for number in stage.cells],
                "hash": _digest(cells[number].source for number in stage.cells),
            }
            for stage in plan.stages
        ],
        "files": digests(tree),
    }
    return lock_text(lock)


def _digest(texts: Iterable[str]) -> str:
    whole = hashlib.sha256()
    for text in texts:
        whole.update(text.encode("utf-8", "surrogatepass"))
    return whole.hexdigest()
