"""GitHub Actions: the pipeline on a schedule, once for each set of parameters."""

from .model import Engine, adapter_files

ENGINE = Engine(
    name="actions",
    title="GitHub Actions",
    purpose="runs the pipeline on a schedule, once for each set of parameters",
    shape="manifest",
    distribution="",
    oldest="0",
    below="1",
    tried=(),
    run="gh workflow run {package}.yml",
    files=((".github/workflows/{package}.yml", "engines/actions/pipeline.yml.j2"),),
    limits=(
        "checked against its schema only",
        "the stages of one set run in one job, since each needs the state before it",
    ),
)
files = adapter_files
