"""Snakemake: stages as rules with files between them, on one machine or a cluster."""

from .model import Engine, adapter_files

ENGINE = Engine(
    name="snakemake",
    title="Snakemake",
    purpose="runs what is out of date, on one machine or a cluster",
    shape="processes",
    distribution="snakemake",
    oldest="8",
    below="10",
    tried=("8.0.0", "9.27.1"),
    run="snakemake --snakefile engines/snakemake/Snakefile --cores 1",
    retries=True,
    skips=True,
    oldest_needs=("pulp<2.8",),
    files=(
        ("engines/snakemake/Snakefile", "engines/snakemake/Snakefile.j2"),
        ("{package}/engine_needs.py", "engines/shared/needs.py.j2"),
    ),
    limits=(
        "parameters with names of one letter are renamed in --config; the mapping stands in the Snakefile",
    ),
)
files = adapter_files
