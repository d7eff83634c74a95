"""Verdicts on several inputs -> one."""

from collections.abc import Sequence
from dataclasses import replace

from .model import Outcome, Verdict

_ORDER: tuple[Outcome, ...] = ("equal", "not-proved", "notebook-fails", "different")


def together(first: Verdict, others: Sequence[Verdict]) -> Verdict:
    """The first verdict with the others beside it; it is only as good as the worst of them.

    A notebook that fails on other inputs, and its pipeline alike, takes nothing away.
    """
    counted = [
        one.verdict for one in others if not (one.verdict == "notebook-fails" and one.same_in_pipeline)
    ]
    worst = max([first.verdict, *counted], key=_ORDER.index)
    return replace(first, verdict=worst, others=tuple(others))
