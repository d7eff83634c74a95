"""Cells in IPython's syntax between plain stages."""

from collections.abc import Mapping

from session.runner import Pipeline, Stage

PIPELINE = Pipeline(
    package="session",
    stages=[
        Stage("first", cells=[1], outputs=["base"]),
        Stage(
            "magics",
            kind="script",
            cells=[2, 3, 4, 5],
            inputs=["base"],
            outputs=["words", "x"],
            ipython=True,
        ),
        Stage("middle", cells=[6], inputs=["x"], outputs=["y"]),
        Stage(
            "again",
            kind="script",
            cells=[7],
            inputs=["y"],
            outputs=["z"],
            ipython=True,
        ),
    ],
)


def run(**parameters: object) -> Mapping[str, object]:
    """Run the whole pipeline; the outputs of all its stages by name."""
    return PIPELINE.run(parameters)
