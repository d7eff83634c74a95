"""Luigi: stages as tasks with the states as targets."""

from .model import Engine, adapter_files

ENGINE = Engine(
    name="luigi",
    title="Luigi",
    purpose="runs stages whose results are missing",
    shape="python",
    distribution="luigi",
    oldest="3.3",
    below="4",
    tried=("3.3.0", "3.8.1"),
    run="python engines/luigi/tasks.py",
    retries=True,
    skips=True,
    files=(
        ("engines/luigi/tasks.py", "engines/luigi/tasks.py.j2"),
        ("{package}/engine_needs.py", "engines/shared/needs.py.j2"),
    ),
)
files = adapter_files
