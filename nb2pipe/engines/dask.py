"""Dask: stages as tasks of a distributed cluster."""

from .model import Engine, adapter_files

ENGINE = Engine(
    name="dask",
    title="Dask",
    purpose="runs stages on a Dask cluster",
    shape="python",
    distribution="distributed",
    oldest="2024.1",
    below="2027",
    tried=("2024.1.0", "2026.8.0"),
    run="python engines/dask/run.py",
    retries=True,
    files=(
        ("engines/dask/run.py", "engines/dask/run.py.j2"),
        ("{package}/engine_side.py", "engines/shared/side.py.j2"),
    ),
)
files = adapter_files
