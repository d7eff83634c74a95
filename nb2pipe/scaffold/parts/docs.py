"""Training is documented: pages that are written from the pipeline and its run, and are never stale."""

from nb2pipe.scaffold.model import Part, Target

PART = Part(
    name="docs",
    promise="writes a training guide, a data card and a model card, and keeps them fresh",
    needs=("data",),
    targets=(
        Target(
            "docs",
            "run the pipeline, and write the pages in docs/ from what it shows",
            ("$(BIN)/python -m {package}.documenting",),
        ),
        Target(
            "docs-check",
            "say which pages are stale",
            ("$(BIN)/python -m {package}.documenting --check",),
        ),
    ),
    checks=("docs-check",),
    is_observed=True,
)
