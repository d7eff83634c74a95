"""Argo Workflows: a manifest in which each stage is a container, the states between them artifacts."""

from .model import Engine, adapter_files

ENGINE = Engine(
    name="argo",
    title="Argo Workflows",
    purpose="runs each stage in a pod, from a manifest",
    shape="manifest",
    distribution="",
    oldest="3.5",
    below="4",
    tried=(),
    run="argo submit --watch engines/argo/workflow.yaml",
    files=(("engines/argo/workflow.yaml", "engines/argo/workflow.yaml.j2"),),
    limits=(
        "checked against the schema of its models only: there was no cluster to run it on",
        "the image has to hold the project, at the same place for all stages, and the data",
    ),
)
files = adapter_files
