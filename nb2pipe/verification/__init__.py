"""RunRecord x RunRecord -> Verdict: what was compared, what differs, and what to make coarser."""

from .compare import compare
from .model import Difference, Expected, NotCompared, Repair, Verdict
from .repair import Constraints, repair
from .stable import expected

__all__ = [
    "Constraints",
    "Difference",
    "Expected",
    "NotCompared",
    "Repair",
    "Verdict",
    "compare",
    "expected",
    "repair",
]
