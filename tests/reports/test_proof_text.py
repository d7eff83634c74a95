"""What the terminal says of a proof."""

from dataclasses import replace

import pytest

from nb2pipe.execution import Controls, Failure, Joined
from nb2pipe.reports.proof import as_text
from nb2pipe.verification import Difference, NotCompared, Repair, Verdict

COUNTS = {"stdout_lines": 1, "variables": 4, "displays": 2, "files": 1, "exceptions": 0}
EQUAL = Verdict("equal", ("in-process", "isolated"), 2, COUNTS, (), (), 1.0, Controls())
HEAD = "1 printed line, 4 variables, 2 displays, 1 file; in-process, isolated; seed 0; coverage 100.0%"
FAILS = replace(EQUAL, verdict="notebook-fails", same_in_pipeline=True)
CASES: list[tuple[Verdict, list[str]]] = [
    (EQUAL, [f"proved equal: {HEAD}"]),
    (replace(EQUAL, order="plan"), [f"proved equal: {HEAD}", "  the cells ran in the plan's order, which is not the document's"]),
    (replace(EQUAL, repairs=(Repair("fused", ("a", "b"), "variable x differed"),)),
     [f"proved equal: {HEAD}", "  fused a and b, since variable x differed"]),
    (replace(EQUAL, joined=(Joined("a", "b", "x"),)),
     [f"proved equal: {HEAD}", "  b ran in the process of a: x does not survive storing"]),
    (replace(EQUAL, verdict="different", differences=(Difference("variable", "x", "fit", 2, 3, "1", "2", "isolated"),)),
     [f"different: {HEAD}", "  variable x (stage fit, cell 2, line 3; isolated)", "    notebook: 1", "    pipeline: 2"]),
    (replace(EQUAL, verdict="not-proved", not_compared=(NotCompared("variable", "x", "it varies", 2, cause="now()"),)),
     [f"not proved: {HEAD}", "  less than 90% could be compared, so nothing is claimed",
      "  not compared: variable x (cell 2), it varies: now()"]),
    (replace(FAILS, failure=Failure("KeyError", "'x'", 2, 1)),
     [f"the notebook itself fails: {HEAD}", "  cell 2, line 1: KeyError: 'x'; the pipeline fails alike"]),
    (replace(FAILS, failure=Failure("FileNotFoundError", "no a.csv", 2)),
     [f"the notebook itself fails: {HEAD}", "  cell 2: FileNotFoundError: no a.csv; the pipeline fails alike",
      "  a run has a copy of the notebook's folder, or of its git repository; name a larger folder with --root"]),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "lines"), CASES)
def test_as_text(verdict: Verdict, lines: list[str]) -> None:
    assert as_text(verdict).split("\n") == lines
