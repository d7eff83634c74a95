"""DVC: stages that are skipped while nothing they need has changed, with results shared through a remote."""

from .model import Engine, adapter_files

ENGINE = Engine(
    name="dvc",
    title="DVC",
    purpose="skips what is unchanged, and shares results through a remote",
    shape="processes",
    distribution="dvc",
    oldest="3.50",
    below="4",
    tried=("3.50.0", "3.67.1"),
    prepare="dvc init --no-scm",
    run="dvc repro engines/dvc/dvc.yaml",
    skips=True,
    oldest_needs=("pathspec<1",),
    files=(
        ("engines/dvc/dvc.yaml", "engines/dvc/dvc.yaml.j2"),
        ("{package}/engine_needs.py", "engines/shared/needs.py.j2"),
    ),
)
files = adapter_files
