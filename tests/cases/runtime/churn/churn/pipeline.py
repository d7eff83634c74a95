"""Aliases, changes in place, random numbers, a script and a join."""

from collections.abc import Mapping

from churn.runner import Pipeline, Stage

PIPELINE = Pipeline(
    package="churn",
    parameters={"LIMIT": 3, "rate": 0.5, "title": "churn"},
    constants=["LIMIT"],
    definitions=["fill", "Row"],
    stages=[
        Stage(
            "load",
            cells=[1, 2],
            params=["LIMIT", "title"],
            outputs=["rows", "alias", "total"],
        ),
        Stage(
            "clean", cells=[3], inputs=["rows", "alias"], params=["rate"], outputs=[]
        ),
        Stage(
            "odd",
            kind="script",
            cells=[4, 5],
            inputs=["rows", "total", "fill", "Row"],
            outputs=["counter", "seen", "row"],
        ),
        Stage(
            "report",
            cells=[6],
            inputs=["rows", "alias", "counter", "row"],
            outputs=["lines"],
        ),
    ],
)


def run(**parameters: object) -> Mapping[str, object]:
    """Run the whole pipeline; the outputs of all its stages by name."""
    return PIPELINE.run(parameters)
