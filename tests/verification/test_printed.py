"""What counts of printed text, and where two texts part."""

import pytest

from nb2pipe.verification import printed
from nb2pipe.verification.model import Line


def wanted(*texts: str | None) -> list[Line]:
    """Lines that runs agree on; None varies, "*" stands for any number of lines."""
    return [Line(None, 1, many=True) if text == "*" else Line(text, 1) for text in texts]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\r\nb\n", "a\nb\n"),
        ("CPU times: user 1 ms\nWall time: 2 ms\nx\n", "x\n"),
        ("a CPU times: user 1 ms, sys: 0 ns, total: 1 ms\nWall time: 2 ms\nx\n", "a x\n"),
        ("12 ns ± 3 ns per loop (mean ± std. dev. of 7 runs)\nx\n", "x\n"),
        ("<f at 0x7f0123456789>\n", "<f at 0x..>\n"),
        ("<f at 0x104a3b2c0>\n", "<f at 0x..>\n"),
        ("mask 0xdeadbeef\n", "mask 0xdeadbeef\n"),
        ("the Wall time: none\n", "the Wall time: none\n"),
        ("a \n", "a \n"),
        ("10%\r20%\r\n", "10%\r20%\n"),
    ],
)
def test_normal_text(text: str, kept: str) -> None:
    assert printed.normal(text) == kept


def test_a_line_counts_for_the_cell_that_began_it() -> None:
    assert printed.lines([(1, "a"), (2, "b\nc\n"), (3, "d")]) == [Line("ab", 1), Line("c", 2), Line("d", 3)]


@pytest.mark.parametrize(
    ("runs", "agreed"),
    [
        (["a\nb\n", "a\nb\n"], ["a", "b"]),
        (["a\nb\n", "a\nc\n"], ["a", None]),
        (["a\nb\n", "a\n"], ["*"]),
    ],
)
def test_what_runs_agree_on(runs: list[str], agreed: list[str | None]) -> None:
    assert list(printed.agreed([printed.lines([(1, run)]) for run in runs])) == wanted(*agreed)


def test_another_number_of_lines_makes_a_hole_in_its_cell_only() -> None:
    runs = [printed.lines([(1, "a\n"), (2, text), (3, "z\n")]) for text in ("x\n", "x\ny\n")]
    assert list(printed.agreed(runs)) == [Line("a", 1), Line(None, 2, many=True), Line("z", 3)]


@pytest.mark.parametrize(
    ("want", "got", "parts_at"),
    [
        (["a", "b"], "a\nb\n", None),
        (["a", "b"], "a\nc\n", 1),
        (["a", "b"], "a\n", 1),
        (["a"], "a\nb\n", 1),
        ([], "x\n", 0),
        (["a", None, "c"], "a\nanything\nc\n", None),
        (["a", None, "c"], "a\nc\n", 1 + 1),
        (["a", "*", "z"], "a\nz\n", None),
        (["a", "*", "z"], "a\n1\n2\n3\nz\n", None),
        (["a", "*", "m", "*", "z"], "a\n1\nm\n2\nz\n", None),
        (["a", "*", "z"], "a\n1\n2\n", 2),
        (["a", "*", "z"], "b\nz\n", 0),
    ],
)
def test_first_difference(want: list[str | None], got: str, parts_at: int | None) -> None:
    found = printed.first_difference(wanted(*want), printed.lines([(0, got)]))
    assert (found and found[0]) == parts_at
