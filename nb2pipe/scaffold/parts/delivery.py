"""Deployment is no list of manual steps: release with a gate and a canary, retraining on a schedule."""

from nb2pipe.scaffold.model import Part, Target

PART = Part(
    name="delivery",
    promise="releases through a gate and a canary, retrains on a schedule",
    needs=("registry", "environment"),
    develops=("PyYAML==6.0.3", "mypy==2.4.1"),
    targets=(
        Target(
            "canary",
            "let the newest version answer a tenth of the sample requests",
            (
                "$(BIN)/python -m {package}.registry train --if-none",
                "$(BIN)/python -m {package}.delivering.canary",
            ),
        ),
        Target("types", "check the types", ("$(BIN)/python -m mypy",)),
    ),
    checks=("types",),
    ignores=(".mypy_cache/",),
)
