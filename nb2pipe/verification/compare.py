"""A notebook's runs against a pipeline's: what is equal, what differs, and what nobody can tell.

A pair is a variable and a border where it is new: a cell of the stage before the border bound or changed it. Pairs count
in the coverage. What was known before is compared again wherever the pipeline still has it, and does not count again.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from nb2pipe.execution import Border, Controls, Display, Failure, RunRecord, Value

from . import parts, printed, sources
from .model import ABSENT, Difference, Expected, Line, NotCompared, Outcome, StageCells, Verdict
from .sharing import parting
from .stable import same_file

_UNSTABLE = "it differs from one run of the notebook to the next"
_KERNELS = frozenset(
    {"In", "Out", "exit", "quit", "get_ipython"}
)  # a kernel's own names, which it does not tell
_FRAMES = frozenset({"DataFrame", "Series"})
_Age = Literal["bound", "changed", "old"]
Pair = tuple[str, str, str]  # what, name, stage


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared with what."""

    expected: Expected
    stages: tuple[StageCells, ...]
    parsed: Mapping[int, ast.Module]
    floor: float = 0.9
    order: str = "document"

    def stage_of(self, cell: int) -> str:
        """The stage that holds a cell."""
        return next((stage.name for stage in self.stages if cell in stage.cells), "")


@dataclass(slots=True)
class _Findings:
    """What one run of the pipeline showed."""

    mode: str
    differences: list[Difference] = field(default_factory=list)
    compared: set[Pair] = field(default_factory=set)
    left_out: dict[Pair, NotCompared] = field(default_factory=dict)
    elsewhere: dict[Pair, NotCompared] = field(
        default_factory=dict
    )  # left out, unless another run compares it


def compare(question: Question, runs: Sequence[RunRecord], controls: Controls) -> Verdict:
    """The verdict on these runs of the pipeline."""
    every = [_findings(question, run) for run in runs]
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
    same = all(_same_failure(question, failure, run.failure) for run in runs) if failure else None
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
        reason = "another number of lines in each run" if any(line.many for line in lines) else _UNSTABLE
        name = f"{len(lines)} printed lines" if len(lines) > 1 else "1 printed line"
        yield NotCompared("stdout", name, reason, cell, question.stage_of(cell), _cause(question, [cell]))


def _cause(question: Question, cells: Sequence[int]) -> str:
    return sources.cause(dict(question.parsed), cells)


# -- one run ----------------------------------------------------------------------------------------------------------


def _findings(question: Question, run: RunRecord) -> _Findings:
    found = _Findings(run.mode)
    _compare_end(question, run, found)
    _compare_stdout(question, run, found)
    if run.mode != "cache":
        _Borders(question, run, found).compare()
        _compare_displays(question, run, found)
        _compare_exceptions(question, run, found)
    if run.failure is None or question.expected.first.failure is not None:
        _compare_files(question, run, found)
    order = {stage.name: place for place, stage in enumerate(question.stages)}
    found.differences.sort(key=lambda one: order.get(one.stage, len(order)))
    return found


def _compare_end(question: Question, run: RunRecord, found: _Findings) -> None:
    """Whether both ended well, or failed alike."""
    wanted, got = question.expected.first.failure, run.failure
    if (wanted is None and got is None) or (wanted is not None and _same_failure(question, wanted, got)):
        return
    cell = wanted.cell if wanted else _first_cell(question, got.stage if got else "")
    stage = question.stage_of(cell) if wanted else (got.stage if got else "")
    found.differences.append(
        Difference("exception", (wanted or got or Failure("", "")).name, stage, cell,
                   (wanted.line or None) if wanted else None, _said(wanted), _said(got), run.mode)
    )  # fmt: skip


def _same_failure(question: Question, wanted: Failure | None, got: Failure | None) -> bool:
    if wanted is None or got is None:
        return wanted is got
    is_there = not got.stage or got.stage == question.stage_of(wanted.cell)
    name = got.name.rpartition(".")[2]
    if is_there and _asks(wanted, got):
        return True
    return (
        is_there
        and name == wanted.name
        and printed.normal(got.value).strip() == printed.normal(wanted.value).strip()
    )


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


def _first_cell(question: Question, name: str) -> int:
    return next((stage.cells[0] for stage in question.stages if stage.name == name and stage.cells), 0)


def _compare_stdout(question: Question, run: RunRecord, found: _Findings) -> None:
    got = printed.lines(run.stdout)
    if _asks(question.expected.first.failure, run.failure):
        got = _without_prompt(got, question.expected.lines)
    parting = printed.first_difference(question.expected.lines, got)
    if parting is None:
        return
    place, want, have = parting
    lines = question.expected.lines
    cell = want.cell if want else lines[min(place, len(lines)) - 1].cell if lines else _last_cell(question)
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


def _last_cell(question: Question) -> int:
    return question.stages[-1].last if question.stages else 0


def _compare_displays(question: Question, run: RunRecord, found: _Findings) -> None:
    wanted, got = question.expected.first.displays, run.displays
    counts_vary = len({len(record.displays) for record in question.expected.records}) > 1
    if (
        len(wanted) != len(got)
        and not counts_vary
        and (run.failure is None) == (question.expected.first.failure is None)
    ):
        place = next((n for n, pair in enumerate(zip(wanted, got, strict=False)) if pair[0].value.digest != pair[1].value.digest),
                     min(len(wanted), len(got)))  # fmt: skip
        cell = wanted[min(place, len(wanted) - 1)].cell if wanted else _last_cell(question)
        told = (f"{len(wanted)} displays in all", f"{len(got)} displays in all")
        found.differences.append(
            Difference(
                "display", f"display {place + 1}", question.stage_of(cell), cell, None, *told, run.mode
            )
        )
        return
    pairs = (
        zip(wanted, got, strict=False)
        if run.mode != "jobs"
        else zip(wanted, _matched(question, run), strict=False)
    )
    for number, (one, other) in enumerate(pairs, 1):
        pair = ("display", str(number), "")
        stage = question.stage_of(one.cell)
        if counts_vary or question.expected.is_unstable("display", str(number), one.cell):
            left = NotCompared(
                "display", f"display {number}", _UNSTABLE, one.cell, stage, _cause(question, [one.cell])
            )
            found.left_out[pair] = left
        elif one.value.digest != other.value.digest or not _shown_alike(
            one.value.kind, one.shown, other.shown
        ):
            told = parts.difference(one.value, other.value)
            if one.value.digest == other.value.digest:
                told = (
                    "shown another way: " + one.shown.get("text/plain", "")[:120],
                    other.shown.get("text/plain", "")[:120],
                )
            found.differences.append(
                Difference("display", f"display {number}", stage, one.cell, None, *told, run.mode)
            )
        elif one.value.reasons:
            found.left_out[pair] = NotCompared(
                "display", f"display {number}", one.value.reasons[0], one.cell, stage
            )
        else:
            found.compared.add(pair)


def _matched(question: Question, run: RunRecord) -> Iterator[Display]:
    """The displays of a run whose stages ran side by side, in the notebook's order."""
    rest = list(run.displays)
    for wanted in question.expected.first.displays:
        place = next((n for n, one in enumerate(rest) if one.value.digest == wanted.value.digest), 0)
        if rest:
            yield rest.pop(place)


def _shown_alike(kind: str, one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether tables look the same: their options are no part of their values."""
    if kind not in _FRAMES:
        return True
    common = [media for media in ("text/plain", "text/html") if media in one and media in other]
    return all(printed.normal(one[media]).split() == printed.normal(other[media]).split() for media in common)


def _compare_files(question: Question, run: RunRecord, found: _Findings) -> None:
    wanted, got = question.expected.first.files, run.files
    for name in sorted(wanted.keys() | got.keys()):
        pair = ("file", name, "")
        one, other = wanted.get(name), got.get(name)
        varies = question.expected.is_unstable("file", name, 0)
        cell = _writer(question, name)
        if ((one is None or other is None) and not varies) or (one is not None and other is None):
            told = ("written" if one else "not written", "written" if other else "not written")
            found.differences.append(
                Difference("file", name, question.stage_of(cell), cell, None, *told, run.mode)
            )
        elif varies:
            found.left_out[pair] = NotCompared(
                "file", name, _UNSTABLE, cell, question.stage_of(cell), _cause(question, [cell])
            )
        elif same_file(one, other):
            found.compared.add(pair)
        else:
            told = (_size(one), _size(other))
            found.differences.append(
                Difference("file", name, question.stage_of(cell), cell, None, *told, run.mode)
            )


def _size(state: object) -> str:
    size, digest = getattr(state, "size", 0), getattr(state, "digest", None)
    return f"{size} bytes, digest {str(digest)[:12]}" if digest else "deleted"


def _writer(question: Question, name: str) -> int:
    """The cell whose text names the file; else the last."""
    short = name.rpartition("/")[2]
    for number, tree in question.parsed.items():
        texts = (
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        if any(short in text for text in texts):
            return number
    return _last_cell(question)


def _compare_exceptions(question: Question, run: RunRecord, found: _Findings) -> None:
    """Exceptions after which the run goes on, stage by stage and in order."""
    rest = list(run.exceptions)
    seen = {border.stage for border in run.borders}
    for number, wanted in enumerate(question.expected.first.exceptions, 1):
        stage = question.stage_of(wanted.cell)
        got = next((one for one in rest if one.stage == stage), None)
        pair = ("exception", str(number), stage)
        if got is not None:
            rest.remove(got)
        if got is not None and _same_failure(question, wanted, got):
            found.compared.add(pair)
        elif stage not in seen:
            found.left_out[pair] = NotCompared("exception", wanted.name, ABSENT, wanted.cell, stage)
        else:
            told = (_said(wanted), _said(got))
            found.differences.append(
                Difference("exception", wanted.name, stage, wanted.cell, wanted.line or None, *told, run.mode)
            )


# -- variables --------------------------------------------------------------------------------------------------------


class _Borders:
    """The variables of one run, border by border."""

    def __init__(self, question: Question, run: RunRecord, found: _Findings) -> None:
        self.question = question
        self.run = run
        self.found = found
        self.left_behind: set[str] = set()  # the namespace holds an older value, which nothing needs
        self.before: dict[str, str | None] = {}  # digests in the namespace at the border before

    def compare(self) -> None:
        notebook = {border.cell: border for border in self.question.expected.first.borders}
        told = {border.stage: border for border in self.run.borders}
        previous: Mapping[str, Value] = {}
        for place, stage in enumerate(self.question.stages):
            cell = self._cell_of(stage, notebook)
            later = {number for other in self.question.stages[place + 1 :] for number in other.cells}
            if cell not in notebook or cell in later:
                continue
            self._compare_border(stage, notebook[cell], told.get(stage.name), previous)
            previous = notebook[cell].variables

    def _cell_of(self, stage: StageCells, notebook: Mapping[int, Border]) -> int:
        failure = self.question.expected.first.failure
        return failure.cell if failure is not None and failure.cell in stage.cells else stage.last

    def _compare_border(
        self, stage: StageCells, wanted: Border, got: Border | None, previous: Mapping[str, Value]
    ) -> None:
        common = []
        for name, value in wanted.variables.items():
            if self._compare_variable(stage, name, value, got, _age(previous.get(name), value)):
                common.append(name)
        if got is not None:
            self._compare_unbound(stage, wanted, got)
            self._compare_aliases(stage, wanted, got, frozenset(common))
            self._remember(stage, got)

    def _compare_variable(
        self, stage: StageCells, name: str, value: Value, got: Border | None, age: _Age
    ) -> bool:
        """Whether both sides have it and agree."""
        pair = ("variable", name, stage.name)
        other = self._value(name, value, got)
        cell = stage.last
        if self.question.expected.is_unstable("variable", name, self._cell_of(stage, {})):
            if age != "old":
                cause = _cause(self.question, stage.cells)
                self.found.left_out[pair] = NotCompared("variable", name, _UNSTABLE, cell, stage.name, cause)
            return False
        if other is None:
            if age != "old":
                kept = self.found.left_out if age == "bound" else self.found.elsewhere
                kept[pair] = NotCompared("variable", name, ABSENT, cell, stage.name)
            return False
        if value.digest is None or other.digest is None:
            reasons = (*value.reasons, *other.reasons, "it cannot be looked into")
            self.found.left_out[pair] = NotCompared("variable", name, reasons[0], cell, stage.name)
            return False
        varying = self.question.expected.unstable_parts.get((name, self._cell_of(stage, {})))
        if varying and age != "old":
            self._leave_parts(stage, name, varying)
        same = parts.alike_but_for(varying, value, other) if varying else value.digest == other.digest
        if not same or value.kind != other.kind:
            self._differ(stage, name, value, other)
            return False
        if value.reasons or other.reasons:
            self.found.left_out[pair] = NotCompared(
                "variable", name, (*value.reasons, *other.reasons)[0], cell, stage.name
            )
        elif age != "old":
            self.found.compared.add(pair)
        return True

    def _compare_unbound(self, stage: StageCells, wanted: Border, got: Border) -> None:
        """What a stage's function still has although the notebook has deleted it."""
        for name in sorted(got.frame - wanted.variables.keys()):
            if not name.startswith("_") and name not in _KERNELS and name in got.variables:
                place = sources.place_of(name, dict(self.question.parsed), stage.cells)
                cell, line = place or (stage.last, None)
                told = ("not bound", got.variables[name].summary)
                self.found.differences.append(
                    Difference("variable", name, stage.name, cell, line, *told, self.run.mode)
                )

    def _leave_parts(self, stage: StageCells, name: str, varying: frozenset[str]) -> None:
        words = ", ".join(sorted(varying)[:5]) + (" and more" if len(varying) > 5 else "")
        cause = _cause(self.question, stage.cells)
        told = NotCompared("part", f"{name}: {words}", _UNSTABLE, stage.last, stage.name, cause)
        self.found.left_out["part", name, stage.name] = told

    def _value(self, name: str, wanted: Value, got: Border | None) -> Value | None:
        """What the pipeline has under this name, None where it has nothing that counts."""
        other = got.variables.get(name) if got is not None else None
        if got is None or other is None or name in got.frame:
            return other
        if self.run.mode == "jobs" and got.frame:
            return None  # the namespace is in the hands of stages that run at the same time
        is_known_old = name in self.left_behind and self.before.get(name) == other.digest
        return None if is_known_old and other.digest != wanted.digest else other

    def _remember(self, stage: StageCells, got: Border) -> None:
        """What of the namespace counts at the next border: older values that nothing needs do not."""
        self.left_behind = (self.left_behind - got.frame) | got.old.keys()
        if not got.frame:  # a script stage works on the namespace itself
            self.left_behind -= {
                name for name, one in got.variables.items() if self.before.get(name) != one.digest
            }
        self.left_behind -= stage.outputs
        self.before = {name: one.digest for name, one in got.variables.items()}
        self.before |= {name: digest for name, digest in got.old.items() if name not in stage.outputs}

    def _differ(self, stage: StageCells, name: str, value: Value, other: Value) -> None:
        place = sources.place_of(name, dict(self.question.parsed), stage.cells)
        cell, line = place or (stage.last, None)
        told = parts.difference(value, other)
        self.found.differences.append(
            Difference("variable", name, stage.name, cell, line, *told, self.run.mode)
        )

    def _compare_aliases(
        self, stage: StageCells, wanted: Border, got: Border, common: frozenset[str]
    ) -> None:
        cell = self._cell_of(stage, {})
        pair = ("alias", "", stage.name)
        is_whole = wanted.aliases.is_whole and got.aliases.is_whole
        if self.question.expected.is_unstable("alias", "", cell) or not is_whole:
            reason = _UNSTABLE if is_whole else "too many objects to tell which are shared"
            self.found.left_out[pair] = NotCompared("alias", "shared objects", reason, cell, stage.name)
            return
        self.found.compared.add(pair)
        odd = parting(wanted.aliases, got.aliases, common)
        if odd is not None:
            one = f"{odd.first} and {odd.second} are one object"
            two = f"{odd.first} and {odd.second} are two objects"
            told = (one, two) if odd.shared_in_notebook else (two, one)
            name = _root(odd.second)
            self.found.differences.append(
                Difference("alias", name, stage.name, stage.last, None, *told, self.run.mode)
            )


def _age(earlier: Value | None, value: Value) -> _Age:
    """Whether the stage bound the variable, changed its object, or left it alone."""
    if earlier is None or earlier.identity != value.identity:
        return "bound" if earlier is None or not _alike(earlier, value) else "old"
    return "old" if _alike(earlier, value) else "changed"


def _alike(one: Value, other: Value) -> bool:
    return one.digest is not None and one.digest == other.digest and one.kind == other.kind


def _root(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]
