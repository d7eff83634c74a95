"""The environment is built anew anywhere: an image, a bill of materials, and a check that rebuilds it."""

from nb2pipe.scaffold.model import Part, Target

PART = Part(
    name="environment",
    promise="rebuilds the environment anywhere: image, bill of materials, a check by rebuilding",
    targets=(
        Target(
            "sbom",
            "write the bill of materials to evidence/sbom.cdx.json",
            ("$(BIN)/python tools/sbom.py",),
            in_ci=True,
        ),
        Target(
            "env-check",
            "rebuild the environment, and compare packages and printed lines",
            ("$(BIN)/python -m pytest -q -m rebuild",),
            in_ci=True,
        ),
    ),
)
