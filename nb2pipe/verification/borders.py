"""The variables of both sides where stages end.

A pair is a variable and a border where it is new: a cell of the stage before the border bound or changed it. Pairs count
in the coverage. What was known before is compared again wherever the pipeline still has it, and does not count again.
"""

import re
from collections.abc import Mapping
from typing import Literal

from nb2pipe.execution import Border, RunRecord, Value

from . import parts, sources
from .model import ABSENT, Difference, NotCompared, StageCells
from .question import UNSTABLE, Findings, Question, cause_in
from .sharing import parting

# A kernel's own names, which it does not tell.
_KERNELS = frozenset({"In", "Out", "exit", "quit", "get_ipython"})
_Age = Literal["bound", "changed", "old"]


class Borders:
    """The variables of one run, border by border."""

    def __init__(self, question: Question, run: RunRecord, found: Findings) -> None:
        self.question = question
        self.run = run
        self.found = found
        self.left_behind: set[str] = set()  # the namespace holds an older value, which nothing needs
        self.before: dict[str, str | None] = {}  # digests in the namespace at the border before

    def compare(self) -> None:
        """Compare at every border that both sides reached."""
        notebook = {border.cell: border for border in self.question.expected.first.borders}
        told = {border.stage: border for border in self.run.borders}
        previous: Mapping[str, Value] = {}
        for place, stage in enumerate(self.question.stages):
            cell = self._cell_of(stage)
            later = {number for other in self.question.stages[place + 1 :] for number in other.cells}
            if cell not in notebook or cell in later:
                continue
            self._compare_border(stage, notebook[cell], told.get(stage.name), previous)
            previous = notebook[cell].variables

    def _cell_of(self, stage: StageCells) -> int:
        """The notebook's cell whose variables the stage's are held against."""
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
        if self.question.expected.is_unstable("variable", name, self._cell_of(stage)):
            if age != "old":
                cause = cause_in(self.question, stage.cells)
                self.found.left_out[pair] = NotCompared("variable", name, UNSTABLE, cell, stage.name, cause)
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
        varying = self.question.expected.unstable_parts.get((name, self._cell_of(stage)))
        if varying and age != "old":
            self._leave_parts(stage, name, varying)
        same = parts.alike_but_for(varying, value, other) if varying else value.digest == other.digest
        if not same or value.kind != other.kind:
            self._differ(stage, name, parts.difference(value, other))
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
                self._differ(stage, name, ("not bound", got.variables[name].summary))

    def _leave_parts(self, stage: StageCells, name: str, varying: frozenset[str]) -> None:
        words = ", ".join(sorted(varying)[:5]) + (" and more" if len(varying) > 5 else "")
        cause = cause_in(self.question, stage.cells)
        told = NotCompared("part", f"{name}: {words}", UNSTABLE, stage.last, stage.name, cause)
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

    def _differ(self, stage: StageCells, name: str, told: tuple[str, str]) -> None:
        place = sources.place_of(name, self.question.parsed, stage.cells)
        cell, line = place or (stage.last, None)
        self.found.differences.append(
            Difference("variable", name, stage.name, cell, line, *told, self.run.mode)
        )

    def _compare_aliases(
        self, stage: StageCells, wanted: Border, got: Border, common: frozenset[str]
    ) -> None:
        cell = self._cell_of(stage)
        pair = ("alias", "", stage.name)
        is_whole = wanted.aliases.is_whole and got.aliases.is_whole
        if self.question.expected.is_unstable("alias", "", cell) or not is_whole:
            reason = UNSTABLE if is_whole else "too many objects to tell which are shared"
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
