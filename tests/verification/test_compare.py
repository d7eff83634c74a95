"""Every way in which a pipeline can miss its notebook makes the verdict `different`; nothing else does."""

import ast
from dataclasses import replace
from typing import Any

import pytest

from nb2pipe.execution import Aliases, Border, Controls, Display, Failure, FileState, RunRecord, Value
from nb2pipe.verification import Constraints, Question, StageCells, Verdict, compare, expected, repair
from nb2pipe.verification.model import ABSENT, NotCompared

STAGES = (
    StageCells("load", "function", (1,), frozenset({"a"})),
    StageCells("fit", "function", (2, 3), frozenset({"b"})),
)
CODE = {1: "a = 1", 2: "b = a", 3: "b += 1\nc = time.time()"}


def value(digest: str | None, *reasons: str) -> Value:
    return Value("int", digest, f"<{digest}>", reasons)


def border(variables: dict[str, str | None], aliases: Aliases | None = None, **more: Any) -> Border:
    return Border({name: value(digest) for name, digest in variables.items()}, aliases or Aliases(), **more)


def sharing(**roots: int) -> Aliases:
    """Variables with the numbers of their objects."""
    return Aliases(roots)


NOTEBOOK = RunRecord(
    mode="notebook",
    stdout=((1, "one\n"), (2, ""), (3, "two\n")),
    borders=(
        border({"a": "1"}, cell=1),
        border({"a": "1", "b": "2", "c": "3"}, sharing(a=1, b=1, c=2), cell=3),
    ),
    displays=(Display(value("d1"), cell=2),),
    files={"out.csv": FileState("f1", 3)},
    asked=frozenset({1, 3}),
)
PIPELINE = RunRecord(
    mode="in-process",
    stdout=((0, "one\ntwo\n"),),
    borders=(
        border({"a": "1"}, stage="load", frame=frozenset("a")),
        border({"a": "1", "b": "2", "c": "3"}, sharing(a=7, b=7, c=8), stage="fit", frame=frozenset("abc")),
    ),
    displays=(Display(value("d1")),),
    files={"out.csv": FileState("f1", 3)},
)


def verdict(notebooks: list[RunRecord], *runs: RunRecord, **more: Any) -> Verdict:
    parsed = {cell: ast.parse(code) for cell, code in CODE.items()}
    question = Question(expected(notebooks), STAGES, parsed, **more)
    return compare(question, runs, Controls())


def with_last(record: RunRecord, **changes: Any) -> RunRecord:
    """The record with its last border changed."""
    return replace(record, borders=(*record.borders[:-1], replace(record.borders[-1], **changes)))


def variables(**digests: str | None) -> dict[str, Value]:
    return {name: value(digest) for name, digest in digests.items()}


def test_equal() -> None:
    found = verdict([NOTEBOOK, NOTEBOOK], PIPELINE, replace(PIPELINE, mode="isolated"))
    assert found.verdict == "equal"
    assert found.compared == {"stdout_lines": 2, "variables": 3, "displays": 1, "files": 1, "exceptions": 0}
    assert (found.coverage, found.not_compared, found.differences) == (1.0, (), ())


FAULTS: list[tuple[RunRecord, str, str, str]] = [
    (replace(PIPELINE, stdout=((0, "one\ntwo!\n"),)), "stdout", "line 2", "fit"),
    (replace(PIPELINE, stdout=((0, "two\none\n"),)), "stdout", "line 1", "load"),
    (replace(PIPELINE, stdout=((0, "one\n"),)), "stdout", "line 2", "fit"),
    (replace(PIPELINE, stdout=((0, "one\ntwo\nthree\n"),)), "stdout", "line 3", "fit"),
    (with_last(PIPELINE, variables=variables(a="1", b="X", c="3")), "variable", "b", "fit"),
    (with_last(PIPELINE, variables=variables(a="X", b="2", c="3")), "variable", "a", "fit"),
    (
        with_last(
            PIPELINE, variables=variables(a="1", b="2", c="3", gone="4"), frame=frozenset({"a", "gone"})
        ),
        "variable",
        "gone",
        "fit",
    ),
    (with_last(PIPELINE, aliases=sharing(a=1, b=2, c=3)), "alias", "b", "fit"),
    (with_last(PIPELINE, aliases=sharing(a=1, b=1, c=1)), "alias", "c", "fit"),
    (replace(PIPELINE, displays=()), "display", "display 1", "fit"),
    (replace(PIPELINE, displays=(Display(value("dX")),)), "display", "display 1", "fit"),
    (replace(PIPELINE, files={}), "file", "out.csv", "fit"),
    (replace(PIPELINE, files={"out.csv": FileState("fX", 3)}), "file", "out.csv", "fit"),
    (replace(PIPELINE, files={**PIPELINE.files, "more": FileState("f", 1)}), "file", "more", "fit"),
    (replace(PIPELINE, failure=Failure("KeyError", "'x'", stage="fit")), "exception", "KeyError", "fit"),
]


@pytest.mark.parametrize(
    ("run", "what", "name", "stage"), FAULTS, ids=[f"{n}-{f[1]}" for n, f in enumerate(FAULTS)]
)
def test_different(run: RunRecord, what: str, name: str, stage: str) -> None:
    found = verdict([NOTEBOOK, NOTEBOOK], PIPELINE, run)
    first = found.differences[0]
    assert (found.verdict, first.what, first.name, first.stage) == ("different", what, name, stage)


def test_a_difference_in_one_mode_is_enough() -> None:
    run = replace(with_last(PIPELINE, variables=variables(a="1", b="X", c="3")), mode="isolated")
    found = verdict([NOTEBOOK], PIPELINE, run)
    assert [(one.name, one.mode, one.cell, one.line) for one in found.differences] == [
        ("b", "isolated", 3, 1)
    ]


def test_what_varies_is_named_with_its_cause() -> None:
    again = with_last(NOTEBOOK, variables=variables(a="1", b="2", c="other"))
    found = verdict([NOTEBOOK, again], PIPELINE, floor=0.5)
    assert [(one.name, one.cause) for one in found.not_compared] == [("c", "time.time() in cell 3, line 2")]
    assert found.verdict == "equal"
    assert found.coverage == 0.8


@pytest.mark.parametrize(
    ("last", "left_out"),
    [
        ({"variables": variables(a="1", b="2"), "frame": frozenset("ab")}, ["c"]),
        ({"variables": variables(a="1"), "frame": frozenset("a")}, ["b", "c"]),
        ({"variables": {**variables(a="1", b="2"), "c": value("3", "a generator")}}, ["c"]),
        ({"variables": variables(a="1", b="2", c=None)}, ["c"]),
    ],
)
def test_what_the_pipeline_does_not_have_is_not_equal(last: dict[str, Any], left_out: list[str]) -> None:
    found = verdict([NOTEBOOK], with_last(PIPELINE, **last))
    assert [one.name for one in found.not_compared] == left_out
    assert found.verdict == "not-proved"


def test_a_run_that_tells_nothing_proves_nothing() -> None:
    assert verdict([NOTEBOOK], replace(PIPELINE, borders=())).verdict == "not-proved"


def test_a_border_that_one_run_was_not_asked_for_is_none_that_varies() -> None:
    unasked = replace(NOTEBOOK, borders=NOTEBOOK.borders[1:], asked=frozenset({3}))
    assert verdict([NOTEBOOK, unasked], PIPELINE).coverage == 1.0
    assert verdict([NOTEBOOK, replace(unasked, asked=NOTEBOOK.asked)], PIPELINE).coverage < 1.0


def test_mostly_unstable_stdout_proves_nothing() -> None:
    again = replace(NOTEBOOK, stdout=((1, "1\n"), (2, ""), (3, "2\n")))
    assert verdict([NOTEBOOK, again], PIPELINE).verdict == "not-proved"


def test_an_older_value_that_nothing_needs_is_no_difference() -> None:
    """`load` keeps its new `a` to itself, so the namespace of `fit` still holds the old one."""
    notebook = replace(NOTEBOOK, borders=(border({"a": "1"}, cell=1), border({"a": "1", "b": "2"}, cell=3)))
    run = replace(
        PIPELINE,
        borders=(
            border({"a": "1"}, stage="load", frame=frozenset("a"), old={"a": "0"}),
            border({"a": "0", "b": "2"}, stage="fit", frame=frozenset("b")),
        ),
    )
    stages = (replace(STAGES[0], outputs=frozenset()), STAGES[1])
    question = Question(expected([notebook]), stages, {})
    assert compare(question, [run], Controls()).verdict == "equal"
    handed_on = Question(expected([notebook]), STAGES, {})
    assert compare(handed_on, [run], Controls()).verdict == "different"


FAILING = replace(NOTEBOOK, failure=Failure("KeyError", "'x'", 3, 1))


@pytest.mark.parametrize(
    ("failure", "answer"),
    [
        (Failure("KeyError", "'x'", stage="fit"), ("notebook-fails", True)),
        (Failure("KeyError", "'y'", stage="fit"), ("different", False)),
        (Failure("ValueError", "'x'", stage="fit"), ("different", False)),
        (Failure("KeyError", "'x'", stage="load"), ("different", False)),
        (None, ("different", False)),
    ],
)
def test_a_notebook_that_fails(failure: Failure | None, answer: tuple[str, bool]) -> None:
    found = verdict([FAILING], replace(PIPELINE, failure=failure))
    assert (found.verdict, found.same_in_pipeline) == answer
    assert found.as_json()["failure"]["same_in_pipeline"] is answer[1]


@pytest.mark.parametrize(
    ("printed", "answer"),
    [
        ("one\ntwo\nYour name: ", "notebook-fails"),
        ("one\ntwo\n(a)\n(b)\n> ", "notebook-fails"),
        ("one\ntwo\n", "notebook-fails"),
        ("one\ntwo and: ", "notebook-fails"),
        ("one\nYour name: ", "different"),
        ("one\n", "different"),
    ],
)
def test_the_question_of_input_is_no_difference(printed: str, answer: str) -> None:
    notebook = replace(NOTEBOOK, failure=Failure("StdinNotImplementedError", "raw_input was called", 3, 1))
    run = replace(PIPELINE, stdout=((0, printed),), failure=Failure("EOFError", "", stage="fit"))
    assert verdict([notebook], run).verdict == answer


REPAIRS: list[tuple[dict[str, Any], tuple[str, tuple[str, ...]]]] = [
    ({"stage": "fit", "mode": "in-process"}, ("script", ("fit",))),
    ({"stage": "fit", "mode": "isolated"}, ("fused", ("load", "fit"))),
    ({"stage": "load", "mode": "isolated"}, ("fused", ("load", "fit"))),
    ({"stage": "nowhere", "mode": "in-process"}, ("whole", ("load", "fit"))),
]


@pytest.mark.parametrize(("change", "answer"), REPAIRS)
def test_repair_takes_the_next_coarser_rung(
    change: dict[str, Any], answer: tuple[str, tuple[str, ...]]
) -> None:
    found = verdict([NOTEBOOK], replace(PIPELINE, displays=()))
    found = replace(found, differences=(replace(found.differences[0], **change),))
    told = repair(STAGES, found).repairs[-1]
    assert (told.what, told.stages) == answer


@pytest.mark.parametrize(
    ("again", "answer"),
    [
        (({"text/plain": "3"}, {"image/png": "YQ=="}), "equal"),
        (({"text/plain": "4"}, {"image/png": "YQ=="}), "different"),
        (({"text/plain": "3"},), "different"),
        ((), "different"),
    ],
)
def test_a_warm_cache_shows_the_same(again: tuple[dict[str, str], ...], answer: str) -> None:
    filled = replace(PIPELINE, mode="isolated", shown=({"text/plain": "3"}, {"image/png": "YQ=="}))
    cache = replace(filled, mode="cache", borders=(), displays=(), shown=again)
    assert verdict([NOTEBOOK], filled, cache).verdict == answer


def test_repair_fuses_a_stage_that_hides_a_change() -> None:
    """The function has no `a`, which it changes through another name."""
    found = verdict([NOTEBOOK], with_last(PIPELINE, variables=variables(b="2", c="3")), floor=1.0)
    lost = NotCompared("variable", "a", ABSENT, 3, "fit")
    assert found.verdict == "equal"  # `a` did not change
    once = repair(STAGES, replace(found, not_compared=(lost,)))
    again = repair(STAGES, replace(found, not_compared=(lost,)), once)
    assert [(one.what, one.stages) for one in again.repairs] == [
        ("fused", ("load", "fit")),
        ("whole", ("load", "fit")),
    ]
    assert once.repairs[0].because == "a cannot be seen where fit ends"


def test_repair_ends_with_one_script() -> None:
    found = verdict([NOTEBOOK], replace(PIPELINE, displays=()))
    so_far = Constraints()
    rounds = 0
    while not so_far.is_exhausted:
        so_far = repair(STAGES, found, so_far)
        rounds += 1
    assert rounds <= 6
    assert so_far.script_cells == {2, 3}
    assert [one.what for one in so_far.repairs] == ["script", "fused", "whole", "session"]


def parted(**digests: str) -> Value:
    """A value with parts, whose digest tells them all."""
    return Value("dict", repr(digests), "", parts={name: [one, one] for name, one in digests.items()})


@pytest.mark.parametrize(
    ("in_pipeline", "answer"),
    [
        (parted(score="1", names="2", seconds="7.9"), "equal"),
        (parted(score="X", names="2", seconds="7.9"), "different"),
        (parted(score="1", names="2"), "different"),
        (parted(score="1", names="2", took="1"), "different"),
    ],
)
def test_a_part_that_varies_hides_nothing_of_the_others(in_pipeline: Value, answer: str) -> None:
    first, again = (
        with_last(
            NOTEBOOK,
            variables={**variables(a="1", b="2"), "c": parted(score="1", names="2", seconds=seconds)},
        )
        for seconds in ("0.1", "0.2")
    )
    found = verdict(
        [first, again], with_last(PIPELINE, variables={**variables(a="1", b="2"), "c": in_pipeline})
    )
    assert found.verdict == answer
    assert [one.name for one in found.not_compared] == ["c: seconds"]


def test_what_varies_for_the_most_part_is_not_compared() -> None:
    first, again = (
        with_last(NOTEBOOK, variables={**variables(a="1", b="2"), "c": parted(score=n, seconds=n, names="2")})
        for n in "12"
    )
    found = verdict([first, again], with_last(PIPELINE, variables=first.borders[-1].variables))
    assert [(one.what, one.name) for one in found.not_compared] == [("variable", "c")]
