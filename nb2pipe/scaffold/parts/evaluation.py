"""Quality is evaluated again and again: with each change, by slice, and when the labels come."""

from nb2pipe.scaffold.model import Part, Target

PART = Part(
    name="evaluation",
    promise="judges the model again: by slice, against simpler ones, on late labels, as it ages",
    needs=("serving",),
    targets=(
        Target(
            "evaluate",
            "judge the model; with LABELS and PREDICTION_LOG, by what came true",
            ("$(BIN)/python -m {package}.evaluating",),
        ),
    ),
    is_observed=True,
    records=("exam",),
)
