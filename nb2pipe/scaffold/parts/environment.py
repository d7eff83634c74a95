"""The environment exists elsewhere than on one laptop: image, devcontainer, a bill of materials, and a comparison."""

from nb2pipe.scaffold.model import Part, Target, part_files

PART = Part(
    name="environment",
    promise="builds the environment anywhere: image, devcontainer, bill of materials",
    targets=(
        Target(
            "env-check",
            "compare the environment with what is written down, and with a new one",
            ("$(BIN)/python tools/environment.py --rebuild {package}",),
        ),
        Target("sbom", "write what is installed to sbom.json", ("$(BIN)/python tools/sbom.py",), in_ci=True),
    ),
    ignores=("sbom.json",),
)
files = part_files
