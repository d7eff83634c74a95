"""What other parts stand on: a run under watch, and which estimator it fitted."""

from nb2pipe.scaffold.model import Part, part_files

PART = Part(
    name="observing",
    promise="sees which data, estimators and metrics the notebook's code works with",
    is_listed=False,
)
files = part_files
