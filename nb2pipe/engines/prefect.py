"""Prefect: retries, schedules and a page that shows each run."""

from .model import Engine, adapter_files

ENGINE = Engine(
    name="prefect",
    title="Prefect",
    purpose="retries, schedules, and a page that shows each run",
    shape="python",
    distribution="prefect",
    oldest="3.4",
    below="4",
    tried=("3.4.0", "3.9.1"),
    run="python engines/prefect/flow.py",
    retries=True,
    skips=True,
    oldest_needs=("fastapi<0.117", "pydantic<2.12"),
    files=(
        ("engines/prefect/flow.py", "engines/prefect/flow.py.j2"),
        ("{package}/engine_needs.py", "engines/shared/needs.py.j2"),
    ),
    environment=(
        # A database of its own: that of the user may be of a newer version.
        ("PREFECT_HOME", "{project}/.prefect"),
        # The server that a run starts for itself is slow to come up on a busy machine.
        ("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180"),
    ),
)
files = adapter_files
