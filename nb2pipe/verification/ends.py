"""How both sides ended, what they printed, and which exceptions they went on after."""

from collections.abc import Sequence

from nb2pipe.execution import Failure, RunRecord

from . import printed
from .model import ABSENT, Difference, Line, NotCompared
from .question import Findings, Question


def compare_end(question: Question, run: RunRecord, found: Findings) -> None:
    """Whether both ended well, or failed alike."""
    wanted, got = question.expected.first.failure, run.failure
    if same_failure(question, wanted, got):
        return
    cell = wanted.cell if wanted else question.first_cell_of(got.stage if got else "")
    stage = question.stage_of(cell) if wanted else (got.stage if got else "")
    found.differences.append(
        Difference("exception", (wanted or got or Failure("", "")).name, stage, cell,
                   (wanted.line or None) if wanted else None, _said(wanted), _said(got), run.mode)
    )  # fmt: skip


def same_failure(question: Question, wanted: Failure | None, got: Failure | None) -> bool:
    """Whether both failed in the same stage with the same exception, or neither did."""
    if wanted is None or got is None:
        return wanted is got
    if got.stage and got.stage != question.stage_of(wanted.cell):
        return False
    if _asks(wanted, got):
        return True
    is_named_alike = got.name.rpartition(".")[2] == wanted.name
    return is_named_alike and printed.normal(got.value).strip() == printed.normal(wanted.value).strip()


def _asks(wanted: Failure | None, got: Failure | None) -> bool:
    """Whether both ended at input(): nobody answers, here or there."""
    names = [one.name.rpartition(".")[2] for one in (wanted, got) if one is not None]
    return names == ["StdinNotImplementedError", "EOFError"]


def _without_prompt(got: Sequence[Line], wanted: Sequence[Line]) -> list[Line]:
    """What was printed without the question that a kernel does not print."""
    if not wanted or len(got) < len(wanted):
        return list(got[: len(wanted)])
    last, now = wanted[-1], got[len(wanted) - 1]
    begins = last.text is None or (now.text or "").startswith(last.text)
    return [*got[: len(wanted) - 1], last if begins else now]


def _said(failure: Failure | None) -> str:
    return f"{failure.name}: {failure.value}"[:300] if failure else "no exception"


def compare_stdout(question: Question, run: RunRecord, found: Findings) -> None:
    """The first printed line that differs."""
    got = printed.lines(run.stdout)
    if _asks(question.expected.first.failure, run.failure):
        got = _without_prompt(got, question.expected.lines)
    parting = printed.first_difference(question.expected.lines, got)
    if parting is None:
        return
    place, want, have = parting
    lines = question.expected.lines
    cell = want.cell if want else lines[min(place, len(lines)) - 1].cell if lines else question.last_cell
    notebook = want.text if want and want.text is not None else "<no more lines>"
    pipeline = have.text if have and have.text is not None else "<no more lines>"
    found.differences.append(
        Difference(
            "stdout",
            f"line {place + 1}",
            question.stage_of(cell),
            cell,
            None,
            notebook[:300],
            pipeline[:300],
            run.mode,
        )
    )


def compare_exceptions(question: Question, run: RunRecord, found: Findings) -> None:
    """Exceptions after which the run goes on, stage by stage and in order."""
    rest = list(run.exceptions)
    seen = {border.stage for border in run.borders}
    for number, wanted in enumerate(question.expected.first.exceptions, 1):
        stage = question.stage_of(wanted.cell)
        got = next((one for one in rest if one.stage == stage), None)
        pair = ("exception", str(number), stage)
        if got is not None:
            rest.remove(got)
        if got is not None and same_failure(question, wanted, got):
            found.compared.add(pair)
        elif stage not in seen:
            found.left_out[pair] = NotCompared("exception", wanted.name, ABSENT, wanted.cell, stage)
        else:
            told = (_said(wanted), _said(got))
            found.differences.append(
                Difference("exception", wanted.name, stage, wanted.cell, wanted.line or None, *told, run.mode)
            )
