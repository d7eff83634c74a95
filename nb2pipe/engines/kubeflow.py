"""Kubeflow Pipelines v2: stages as components, with the states between them as artifacts."""

from .model import Engine, adapter_files

ENGINE = Engine(
    name="kubeflow",
    title="Kubeflow Pipelines",
    purpose="runs each stage in a container of its own",
    shape="python",
    distribution="kfp",
    oldest="2.7",
    below="3",
    tried=("2.17.3",),
    run="python engines/kubeflow/pipeline.py",
    files=(("engines/kubeflow/pipeline.py", "engines/kubeflow/pipeline.py.j2"),),
    limits=("a parameter that is None in the notebook keeps its value: Kubeflow has no type for it",),
)
files = adapter_files
