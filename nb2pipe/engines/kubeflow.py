"""Kubeflow Pipelines v2: stages as components, with the states between them as artifacts."""

from nb2pipe.errors import RefusedError
from nb2pipe.rendering import FileTree

from .definition import Definition
from .model import Engine, adapter_files

_OWN_NAMES = frozenset({"stage_name", "state_before", "state_after", "run_it", "given"})

ENGINE = Engine(
    name="kubeflow",
    title="Kubeflow Pipelines",
    purpose="runs each stage in a container of its own",
    shape="python",
    distribution="kfp",
    oldest="2.7",
    below="3",
    tried=("2.7.0", "2.17.3"),
    run="python engines/kubeflow/pipeline.py",
    files=(("engines/kubeflow/pipeline.py", "engines/kubeflow/pipeline.py.j2"),),
    limits=("a parameter that is None in the notebook keeps its value: Kubeflow has no type for it",),
)


def files(engine: Engine, definition: Definition) -> FileTree:
    """The adapter; RefusedError where a parameter has a name that its components use themselves."""
    taken = sorted(_OWN_NAMES & definition.parameters.keys())
    if taken:
        raise RefusedError(
            f"the Kubeflow adapter uses the name {taken[0]} itself: rename that parameter in plan.toml"
        )
    return adapter_files(engine, definition)
