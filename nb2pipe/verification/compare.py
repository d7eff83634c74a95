"""A notebook's runs against a pipeline's: what is equal, what differs, and what nobody can tell."""

from collections.abc import Iterator, Mapping, Sequence

from nb2pipe.execution import Controls, Failure, RunRecord

from .borders import Borders
from .ends import compare_end, compare_exceptions, compare_stdout, same_failure
from .model import Difference, Line, NotCompared, Outcome, Verdict
from .question import UNSTABLE, Findings, Pair, Question, cause_in
from .shown import compare_displays, compare_files, compare_replayed


def compare(question: Question, runs: Sequence[RunRecord], controls: Controls) -> Verdict:
    """The verdict on these runs of the pipeline."""
    filled = next((run for run in runs if run.mode == "isolated"), None)
    every = [_findings(question, run, filled) for run in runs]
    observed = [one for one in every if one.mode not in ("cache", "jobs")] or every
    compared = set.union(*(one.compared for one in observed)) if observed else set()
    left_out = {pair: told for one in reversed(observed) for pair, told in one.left_out.items()}
    compared -= left_out.keys()
    left_out |= {
        pair: told
        for one in observed
        for pair, told in one.elsewhere.items()
        if pair not in compared and pair not in left_out
    }
    differences = tuple(difference for one in every for difference in one.differences)
    coverage = _coverage(compared, left_out)
    failure = question.expected.first.failure
    same = all(same_failure(question, failure, run.failure) for run in runs) if failure else None
    return Verdict(
        verdict=_outcome(question, differences, coverage, failure, same),
        modes=tuple(run.mode for run in runs),
        repeats=len(question.expected.records),
        compared=_counts(question, compared),
        not_compared=tuple(sorted(left_out.values())) + tuple(_unstable_lines(question)),
        differences=differences,
        coverage=coverage,
        controls=controls,
        failure=failure,
        same_in_pipeline=same,
        order=question.order,
        floor=question.floor,
        stages=question.stages,
        lines=question.expected.lines,
        joined=tuple(dict.fromkeys(one for run in runs for one in run.joined)),
        seconds={"notebook": question.expected.first.seconds} | {run.mode: run.seconds for run in runs},
        records=(question.expected.first, *runs),
    )


def _outcome(
    question: Question,
    differences: Sequence[Difference],
    coverage: float,
    failure: Failure | None,
    same: bool | None,
) -> Outcome:
    if differences or same is False:
        return "different"
    if failure is not None:
        return "notebook-fails"
    lines = question.expected.lines
    stable = sum(line.text is not None for line in lines)
    is_printed = not lines or 2 * stable >= len(lines)  # what varies is listed; a hollow verdict is not given
    return "equal" if coverage >= question.floor and is_printed else "not-proved"


def _coverage(compared: set[Pair], left_out: Mapping[Pair, NotCompared]) -> float:
    counted = sum(what in ("variable", "display", "file") for what, _, _ in compared)
    missing = sum(what in ("variable", "display", "file") for what, _, _ in left_out)
    return counted / (counted + missing) if counted + missing else 1.0


def _counts(question: Question, compared: set[Pair]) -> dict[str, int]:
    def count(what: str) -> int:
        return sum(one == what for one, _, _ in compared)

    lines = sum(line.text is not None for line in question.expected.lines)
    return {
        "stdout_lines": lines,
        "variables": count("variable"),
        "displays": count("display"),
        "files": count("file"),
        "exceptions": count("exception"),
    }


def _unstable_lines(question: Question) -> Iterator[NotCompared]:
    cells: dict[int, list[Line]] = {}
    for line in question.expected.lines:
        if line.text is None:
            cells.setdefault(line.cell, []).append(line)
    for cell, lines in cells.items():
        reason = "another number of lines in each run" if any(line.many for line in lines) else UNSTABLE
        name = f"{len(lines)} printed lines" if len(lines) > 1 else "1 printed line"
        yield NotCompared("stdout", name, reason, cell, question.stage_of(cell), cause_in(question, [cell]))


def _findings(question: Question, run: RunRecord, filled: RunRecord | None) -> Findings:
    """What one run of the pipeline showed; `filled` is the run that filled the cache."""
    found = Findings(run.mode)
    compare_end(question, run, found)
    compare_stdout(question, run, found)
    if run.mode != "cache":
        Borders(question, run, found).compare()
        compare_displays(question, run, found)
        compare_exceptions(question, run, found)
    elif filled is not None:
        compare_replayed(question, run, filled, found)
    if run.failure is None or question.expected.first.failure is not None:
        compare_files(question, run, found)
    order = {stage.name: place for place, stage in enumerate(question.stages)}
    found.differences.sort(key=lambda one: order.get(one.stage, len(order)))
    return found
