"""A verdict as text for the terminal and as JSON for scripts."""

import json
from collections.abc import Iterator

from nb2pipe.verification import Difference, Verdict

_SHOWN = 12
_SENTENCES = {
    "equal": "proved equal",
    "different": "different",
    "not-proved": "not proved",
    "notebook-fails": "the notebook itself fails",
}

_COPIED = (
    "a run has a copy of the notebook's folder, or of its git repository; name a larger folder with --root"
)


def in_form(verdict: Verdict, form: str, title: str) -> str:
    """The report in one of the forms: text, json or html."""
    if form == "html":
        from .proof_page import as_page

        return as_page(verdict, title)
    return as_json(verdict) if form == "json" else as_text(verdict)


def as_reports(verdict: Verdict, title: str) -> dict[str, str]:
    """The files that are kept in a project's folder `reports`."""
    return {"proof.json": f"{as_json(verdict)}\n", "proof.html": in_form(verdict, "html", title)}


def as_json(verdict: Verdict) -> str:
    """The proof as the contract fixes it."""
    return json.dumps(verdict.as_json(), indent=1, ensure_ascii=False)


def as_text(verdict: Verdict) -> str:
    """The verdict, then the differences in the notebook's order, then what was not compared."""
    if not verdict.others:
        return "\n".join([headline(verdict), *_details(verdict)])
    table = [f"  {one.inputs}: {headline(one)}" for one in verdict.others]
    more = [line for one in verdict.others for line in _details(one) if one.differences]
    return "\n".join([headline(verdict), *_details(verdict), *table, *more])


def headline(verdict: Verdict) -> str:
    """The verdict in one line."""
    counts = verdict.compared
    parts = [
        _count(counts["stdout_lines"], "printed line"),
        _count(counts["variables"], "variable"),
        _count(counts["displays"], "display"),
        *([_count(counts["files"], "file")] if counts["files"] else []),
    ]
    modes = ", ".join(verdict.modes)
    seeds = f"seed {verdict.controls.seed}" if verdict.controls.seed is not None else "seeds not controlled"
    return f"{_SENTENCES[verdict.verdict]}: {', '.join(parts)}; {modes}; {seeds}; coverage {verdict.coverage:.1%}"


def _details(verdict: Verdict) -> Iterator[str]:
    if verdict.order != "document":
        yield "  the cells ran in the plan's order, which is not the document's"
    if verdict.failure is not None:
        same = "the pipeline fails alike" if verdict.same_in_pipeline else "the pipeline does not fail alike"
        where = f"cell {verdict.failure.cell}" + (
            f", line {verdict.failure.line}" if verdict.failure.line else ""
        )
        yield f"  {where}: {verdict.failure.name}: {verdict.failure.value}; {same}"
        if verdict.failure.name == "FileNotFoundError":
            yield f"  {_COPIED}"
    for repair in verdict.repairs:
        yield f"  {repair.what} {' and '.join(repair.stages)}, since {repair.because}"
    for note in verdict.joined:
        yield f"  {note}"
    for difference in verdict.differences[:_SHOWN]:
        yield from _difference(difference)
    if len(verdict.differences) > _SHOWN:
        yield f"  and {len(verdict.differences) - _SHOWN} more differences (--format json lists them)"
    yield from _left_out(verdict)


def _difference(one: Difference) -> Iterator[str]:
    where = f"stage {one.stage}, cell {one.cell}" + (f", line {one.line}" if one.line else "")
    yield f"  {one.what} {one.name} ({where}; {one.mode})"
    yield f"    notebook: {one.notebook}"
    yield f"    pipeline: {one.pipeline}"


def _left_out(verdict: Verdict) -> Iterator[str]:
    if verdict.verdict == "not-proved":
        yield f"  less than {verdict.floor:.0%} could be compared, so nothing is claimed"
    for one in verdict.not_compared[:_SHOWN]:
        cause = f": {one.cause}" if one.cause else ""
        yield f"  not compared: {one.what} {one.name} (cell {one.cell}), {one.reason}{cause}"
    if len(verdict.not_compared) > _SHOWN:
        yield f"  and {len(verdict.not_compared) - _SHOWN} more that were not compared"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
