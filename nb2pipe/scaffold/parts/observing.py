"""What other parts stand on: a run under watch, and which estimator it fitted."""

from nb2pipe.scaffold.model import Part, Target

PART = Part(
    name="observing",
    promise="sees which data, estimators and metrics the notebook's code works with",
    targets=(
        Target(
            "observe",
            "run the pipeline once, and keep what was seen of data and model",
            ("$(BIN)/python -m {package}.observing",),
        ),
    ),
    is_listed=False,
)
