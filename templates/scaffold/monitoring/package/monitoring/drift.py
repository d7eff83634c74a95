"""How far values have moved from those that the model was trained on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..observing.distributions import share_of_bins, share_of_texts

_HALF = 0.5  # a row: what stands for none, since a logarithm wants more than zero


def psi(reference: Mapping[str, Any], values: Sequence[Any]) -> float:
    """The population stability index; above 0.2 is a change that matters."""
    known = [one for one in values if one is not None]
    if "edges" in reference:
        known = [one for one in known if isinstance(one, (int, float))]
    if not known:
        return 0.0
    if "edges" in reference:
        return _index(
            reference["shares"], share_of_bins(known, reference["edges"]), len(known)
        )
    before, after = reference["shares"], share_of_texts(known)
    names = sorted({*before, *after})
    was = [before.get(name, 0) for name in names]
    now = [after.get(name, 0) for name in names]
    return _index(was, now, len(known))


def _index(before: Sequence[float], after: Sequence[float], rows: int) -> float:
    """Of few rows, an empty bin says little."""
    least = _HALF / max(1, rows)
    pairs = [(max(b, least), max(a, least)) for b, a in zip(before, after)]
    return sum((a - b) * math.log(a / b) for b, a in pairs)


def ks(reference: Mapping[str, Any], values: Sequence[Any]) -> float:
    """The greatest distance of two distributions (Kolmogorov, Smirnov); 0 for texts."""
    known = [one for one in values if isinstance(one, (int, float))]
    if "values" not in reference or not known:
        return 0.0
    from scipy.stats import ks_2samp

    return float(ks_2samp(reference["values"], known).statistic)
