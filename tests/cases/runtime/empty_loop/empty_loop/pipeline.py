"""A loop that never runs leaves its names unbound."""

from collections.abc import Mapping

from empty_loop.runner import Pipeline, Stage

PIPELINE = Pipeline(
    package="empty_loop",
    stages=[
        Stage("first", cells=[1], outputs=["last", "rows"]),
        Stage(
            "second", cells=[2], inputs=["last", "rows"], perhaps=["last"], outputs=["last"]
        ),
        Stage("third", cells=[3], inputs=["last"]),
    ],
)


def run(**parameters: object) -> Mapping[str, object]:
    """Run the whole pipeline; the outputs of all its stages by name."""
    return PIPELINE.run(parameters)
