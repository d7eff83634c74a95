"""A verdict as one HTML page that needs no network."""

from dataclasses import dataclass

from nb2pipe.execution import Display, RunRecord
from nb2pipe.rendering import render
from nb2pipe.verification import StageCells, Verdict

from .proof import headline


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage with what was compared where it ends."""

    stage: StageCells
    names: tuple[tuple[str, str, str], ...]  # name, "equal" | "different" | "not compared", words
    differences: int

    @property
    def cells(self) -> str:
        """The stage's cells in words."""
        numbers = self.stage.cells
        return f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else str(numbers[0]) if numbers else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A display on one side: a picture, or text."""

    picture: str
    text: str


@dataclass(frozen=True, slots=True)
class DisplayRow:
    """A display on both sides."""

    number: int
    cell: int
    state: str
    notebook: Shown
    pipeline: Shown | None


def as_page(verdict: Verdict, title: str) -> str:
    """The page: the verdict on top, then differences, stages, displays, and what was not compared."""
    return render(
        "reports/proof.html.j2",
        title=title,
        verdict=verdict,
        headline=headline(verdict),
        stages=[_stage(verdict, stage) for stage in verdict.stages],
        displays=list(_displays(verdict)),
    )


def _stage(verdict: Verdict, stage: StageCells) -> StageRow:
    reference = verdict.records[0] if verdict.records else None
    values = (
        next((one.variables for one in reference.borders if one.cell == stage.last), {}) if reference else {}
    )
    states: dict[str, str] = {}
    for left in verdict.not_compared:
        if left.what == "variable" and left.stage == stage.name:
            states[left.name] = "not compared"
    for one in verdict.differences:
        if one.what == "variable" and one.stage == stage.name:
            states[one.name] = "different"
    seen = {
        name
        for run in verdict.records[1:]
        for one in run.borders
        if one.stage == stage.name
        for name in one.variables
    }
    rows = [
        (name, states.get(name, "equal"), value.summary)
        for name, value in values.items()
        if name in seen or name in states
    ]
    order = {"different": 0, "not compared": 1, "equal": 2}
    rows.sort(key=lambda row: order[row[1]])
    return StageRow(stage, tuple(rows), sum(one.stage == stage.name for one in verdict.differences))


def _displays(verdict: Verdict) -> list[DisplayRow]:
    if not verdict.records:
        return []
    reference, run = verdict.records[0], next((one for one in verdict.records[1:] if one.displays), None)
    differing = {one.name for one in verdict.differences if one.what == "display"}
    left_out = {one.name for one in verdict.not_compared if one.what == "display"}
    rows = []
    for number, display in enumerate(reference.displays, 1):
        name = f"display {number}"
        state = "different" if name in differing else "not compared" if name in left_out else "equal"
        rows.append(DisplayRow(number, display.cell, state, _shown(display), _shown(_twin(run, number))))
    return sorted(rows, key=lambda row: row.state != "different")


def _twin(run: RunRecord | None, number: int) -> Display | None:
    return run.displays[number - 1] if run is not None and number <= len(run.displays) else None


def _shown(display: Display | None) -> Shown:
    if display is None:
        return Shown("", "nothing")
    data = display.shown
    for media in ("image/png", "image/jpeg"):
        if media in data:
            return Shown(f"data:{media};base64,{''.join(data[media].split())}", "")
    text = data.get("text/plain") or data.get("text/markdown") or display.value.summary
    return Shown("", text[:4000])
