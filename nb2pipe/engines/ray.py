"""Ray: stages as tasks on a cluster, the state between them in its object store."""

from .model import Engine, adapter_files

ENGINE = Engine(
    name="ray",
    title="Ray",
    purpose="runs stages on a Ray cluster",
    shape="python",
    distribution="ray",
    oldest="2.9",
    below="3",
    tried=("2.9.0", "2.60.0"),
    run="python engines/ray/run.py",
    # Its workers give way to all else on the machine: on a busy one a run would take ten times as long.
    environment=(("RAY_worker_niceness", "0"),),
    retries=True,
    oldest_needs=("setuptools<81",),
    files=(
        ("engines/ray/run.py", "engines/ray/run.py.j2"),
        ("{package}/engine_side.py", "engines/shared/side.py.j2"),
    ),
)
files = adapter_files
