"""Check the manifests of projects that have the adapters argo and actions against the engines' schemas.

pip install hera check-jsonschema pyyaml
python benchmarks/engine_schemas.py PROJECT...
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml


def main() -> int:
    """One line a manifest; exit 1 where one is not valid."""
    wrong = 0
    for project in map(Path, sys.argv[1:]):
        for path in [*project.glob("engines/argo/*.yaml"), *project.glob(".github/workflows/*.yml")]:
            problem = argo_problem(path) if "argo" in path.parts else actions_problem(path)
            print(f"{path.name}: {problem or 'valid'}")
            wrong += bool(problem)
    return int(wrong > 0)


def argo_problem(path: Path) -> str:
    """What is wrong with a workflow: a wrong type, or a key that the schema does not know."""
    from hera.workflows.models import Workflow

    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        known = Workflow.model_validate(given).model_dump(mode="json", by_alias=True, exclude_none=True)
    except ValueError as error:
        return str(error)
    return next(unknown(given, known), "")


def unknown(given: Any, known: Any, place: str = "") -> Any:
    """The keys that are not in what the schema has read."""
    if isinstance(given, dict) and isinstance(known, dict):
        for key, value in given.items():
            if key not in known:
                yield f"{place}/{key} is unknown"
            else:
                yield from unknown(value, known[key], f"{place}/{key}")
    elif isinstance(given, list) and isinstance(known, list):
        for number, (one, other) in enumerate(zip(given, known, strict=True)):
            yield from unknown(one, other, f"{place}/{number}")


def actions_problem(path: Path) -> str:
    """What is wrong with a GitHub workflow."""
    words = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-workflows",
        str(path),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
