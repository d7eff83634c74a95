"""Features are the same in training and serving: a service that imports the pipeline's own stages."""

from nb2pipe.scaffold.model import Part, Target

PART = Part(
    name="serving",
    promise="answers requests and files with the stages that the pipeline ran",
    needs=("registry",),
    requires=("fastapi==0.165.0", "uvicorn==0.54.0", "prometheus-client==0.26.0"),
    develops=("httpx2==2.16.2", "schemathesis==4.32.5"),
    targets=(
        Target(
            "serve",
            "answer requests at PORT",
            (
                "$(BIN)/python -m {package}.registry train --if-none",
                "$(BIN)/python -m {package}.serving",
            ),
        ),
    ),
    is_observed=True,
)
