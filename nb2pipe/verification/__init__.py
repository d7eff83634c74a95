"""RunRecord x RunRecord -> Verdict: what was compared, what differs, and what to make coarser."""

from .compare import compare
from .model import Difference, Expected, NotCompared, Repair, StageCells, Verdict
from .observed import Observed, SeenCell, observed
from .question import Question
from .repair import Constraints, fuse_joined, repair
from .stable import expected
from .worst import together

__all__ = [
    "Constraints",
    "Difference",
    "Expected",
    "NotCompared",
    "Observed",
    "Question",
    "Repair",
    "SeenCell",
    "StageCells",
    "Verdict",
    "compare",
    "expected",
    "fuse_joined",
    "observed",
    "repair",
    "together",
]
