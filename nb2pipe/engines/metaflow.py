"""Metaflow: stages as steps, with the state as an artifact, and `resume`."""

from .model import Engine, adapter_files

ENGINE = Engine(
    name="metaflow",
    title="Metaflow",
    purpose="keeps each run with its artifacts, and resumes where it failed",
    shape="python",
    distribution="metaflow",
    oldest="2.12",
    below="3",
    tried=("2.12.0", "2.19.39"),
    environment=(
        ("METAFLOW_USER", "pipeline"),
        ("METAFLOW_DATASTORE_SYSROOT_LOCAL", "{project}/runs/metaflow-data"),
    ),
    run="python engines/metaflow/flow.py --no-pylint run",
    retries=True,
    files=(("engines/metaflow/flow.py", "engines/metaflow/flow.py.j2"),),
)
files = adapter_files
