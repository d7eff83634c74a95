"""The path from source to features is repeatable: contracts at every source, and two runs compared."""

from nb2pipe.scaffold.model import Part, Target

PART = Part(
    name="data",
    promise="says what is expected of each source, and that two runs leave the same",
    needs=("observing",),
    requires=("pandera==0.35.0",),
    targets=(
        Target(
            "contracts",
            "check what the pipeline reads",
            ("$(BIN)/python -m {package}.contracts",),
            in_ci=True,
        ),
        Target(
            "reproduce",
            "run twice and compare all that is left",
            ("$(BIN)/python -m {package}.contracts.reproducing",),
        ),
    ),
    is_observed=True,
)
