"""Dagster: stages as assets, with lineage, figures, schedules and a page that shows them."""

from .model import Engine, adapter_files

ENGINE = Engine(
    name="dagster",
    title="Dagster",
    purpose="shows each stage as an asset with its figures and lineage",
    shape="python",
    distribution="dagster",
    oldest="1.9",
    below="2",
    tried=("1.9.0", "1.13.29"),
    run="python engines/dagster/definitions.py",
    retries=True,
    oldest_needs=("six",),
    files=(("engines/dagster/definitions.py", "engines/dagster/definitions.py.j2"),),
    # The launcher of `dagster dev` wants a home; a run from the command line has a temporary one.
)
files = adapter_files
