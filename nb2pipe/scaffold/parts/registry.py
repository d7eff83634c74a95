"""One can go back: versions of the model with what they were made of, and a drilled rollback."""

from nb2pipe.scaffold.model import Part, Target

PART = Part(
    name="registry",
    promise="keeps versions of the model, promotes what is good enough, rolls back",
    needs=("observing",),
    requires=("skops==0.16.0",),
    targets=(
        Target(
            "train",
            "run the pipeline and register the model that it fits",
            ("$(BIN)/python -m {package}.registry train",),
        ),
        Target(
            "promote",
            "make the newest version the champion, where it is not worse",
            ('$(BIN)/python -m {package}.registry promote --why "$(WHY)"',),
        ),
        Target(
            "rollback",
            "go back to the champion before: make rollback WHY=text",
            ('$(BIN)/python -m {package}.registry rollback --why "$(WHY)"',),
        ),
    ),
    ignores=("models/", "mlruns/", "mlflow.db"),
    records=("model",),
)
