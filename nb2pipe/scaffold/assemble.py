"""The repository: the converted project, and around it what the chosen parts bring."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from nb2pipe import __version__
from nb2pipe.rendering import LOCK, FileTree, digests, formatted, lock_text, render, rendered_tree

from .answers import FILE, answers_yaml
from .as_made import BASE, base_text
from .model import ABOUT, Answers, Ground, Part, part_files

# What the tests and checks of every repository need.
_DEVELOPS = ("pytest==9.2.0", "ruff==0.17.6")


def assemble(converted: FileTree, ground: Ground, answers: Answers, parts: Sequence[Part]) -> FileTree:
    """All files of the repository but for the notebook and its data, which are copied."""
    made = made_around(converted, ground, answers, parts)
    folders = {f"notebook/{folder}/.gitkeep": "" for folder in ground.written}
    tree = {**converted, **made, **folders, **ground.observed, BASE: base_text(made)}
    return {**tree, LOCK: _lock(tree, ground, parts)}


def made_around(
    converted: FileTree, ground: Ground, answers: Answers, parts: Sequence[Part]
) -> dict[str, str]:
    """What templates make, to be put around these converted files."""
    made: dict[str, str] = {}
    about = []
    for part in parts:
        made |= part_files(part, ground, answers)
        about.append(made.pop(ABOUT, "").strip())
    made |= rendered_tree("scaffold/repository", **_values(ground, answers, parts, about))
    made |= _requirements(ground, parts)
    made[FILE] = answers_yaml(answers, __version__)
    return made | _formatted(made, converted)


def _formatted(made: FileTree, converted: FileTree) -> dict[str, str]:
    """The Python files that were made; the converted ones stand beside, for imports of them to be known."""
    beside = {path: text for path, text in {**converted, **made}.items() if path.endswith(".py")}
    return {path: text for path, text in formatted(beside).items() if path in made}


def _values(ground: Ground, answers: Answers, parts: Sequence[Part], about: Sequence[str]) -> dict[str, Any]:
    return {
        "package": ground.package,
        "ground": ground,
        "plan": ground.plan,
        "answers": answers,
        "parts": parts,
        "targets": [target for part in parts for target in part.targets],
        "checks": [check for part in parts for check in part.checks],
        "ignores": [line for part in parts for line in part.ignores],
        "about": [text for text in about if text],
    }


def _requirements(ground: Ground, parts: Sequence[Part]) -> dict[str, str]:
    own = {_name(line) for line in ground.requirements}
    pinned = {_name(line): line for line in ground.constraints}
    develops = [*_DEVELOPS, *(line for part in parts for line in part.develops)]
    requires = [line for part in parts for line in part.requires if _name(line) not in own]
    # A version that the notebook was proved with goes before ours.
    files = {
        "requirements-dev.txt": _lines(pinned.get(_name(line), line) for line in develops),
        "constraints.txt": _lines([*ground.constraints, *_tried(pinned)] if parts else ground.constraints),
    }
    if requires or "environment" in ground.names:  # its Dockerfile reads this file
        lines = _lines(pinned.get(_name(line), line) for line in requires)
        files["requirements-parts.txt"] = lines or "# no part needs a package of its own\n"
    return files


def _tried(pinned: Collection[str]) -> list[str]:
    """What stands behind the parts' requirements, as they were tried; the notebook's own versions go before."""
    lines = render("scaffold/constraints.txt").split()
    return [line for line in lines if _name(line) not in pinned]


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in sorted(set(lines), key=str.lower))


def _name(line: str) -> str:
    for sign in "=<>~![; ":
        line = line.partition(sign)[0]
    return line.strip().lower().replace("_", "-")


def _lock(tree: FileTree, ground: Ground, parts: Sequence[Part]) -> str:
    files = digests({path: text for path, text in tree.items() if path != LOCK})
    return lock_of({**json.loads(tree[LOCK]), "files": files}, ground, parts)


def lock_of(known: Mapping[str, Any], ground: Ground, parts: Sequence[Part]) -> str:
    """The project's lock, which now knows what lies around it, and that the notebook lies in the repository."""
    told = {
        "notebook": f"{ground.folder}/{ground.notebook}",
        "parts": [part.name for part in parts],
        "ground": ground.recorded,
    }
    return lock_text({**known, **told})
