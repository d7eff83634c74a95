"""Which findings are wanted: chosen rules, and `# nb2pipe: allow NAME - reason` in a cell."""

import re
from collections.abc import Iterable, Mapping

from nb2pipe.analysis import Facts

from .model import Finding
from .registry import matching

COMMENT = re.compile(
    r"#\s*nb2pipe:\s*allow\s+(?P<names>[\w, -]*?\w)\s*(?:\s[-:]\s*(?P<reason>.*)|$)",
    re.IGNORECASE | re.MULTILINE,
)


def allowed_in(facts: Facts) -> tuple[Mapping[int, frozenset[str]], list[str]]:
    """The codes that each cell allows, and complaints about comments that name no rule."""
    allowed: dict[int, frozenset[str]] = {}
    complaints = []
    for cell in facts.cells:
        for found in COMMENT.finditer(cell.lifted.cell.source):
            codes, unknown = matching(re.split(r"[,\s]+", found["names"]))
            allowed[cell.number] = allowed.get(cell.number, frozenset()) | codes
            complaints += [f"cell {cell.number} allows {word!r}, which is no rule" for word in unknown]
    return allowed, complaints


def wanted(
    findings: Iterable[Finding], chosen: frozenset[str], allowed: Mapping[int, frozenset[str]]
) -> tuple[Finding, ...]:
    """The findings of chosen rules that their cells do not allow."""
    return tuple(
        one for one in findings if one.code in chosen and one.code not in allowed.get(one.spot.cell, ())
    )
