"""What several runs of the notebook agree on."""

from collections.abc import Iterator, Sequence

from nb2pipe.execution import FileState, RunRecord

from . import printed
from .model import Expected
from .sharing import parting


def expected(records: Sequence[RunRecord]) -> Expected:
    """What all runs agree on; the rest is unstable."""
    lines = printed.agreed([printed.lines(record.stdout) for record in records])
    unstable = frozenset(_unstable(records))
    partly = {(name, cell): found for kind, name, cell in unstable
              if kind == "variable" and (found := _unstable_parts(records, name, cell))}  # fmt: skip
    wholly = frozenset(one for one in unstable if one[0] != "variable" or one[1:] not in partly)
    return Expected(tuple(records), lines, wholly, partly)


def _unstable_parts(records: Sequence[RunRecord], name: str, cell: int) -> frozenset[str]:
    """The parts of a variable that vary, where that is at most half of them; else none."""
    values = [
        border.variables[name]
        for record in records
        for border in record.borders
        if border.cell == cell and name in border.variables
    ]
    first = values[0]
    is_everywhere = len(values) == sum(cell in record.asked for record in records)
    same_shape = is_everywhere and all(
        one.kind == first.kind and list(one.parts) == list(first.parts) for one in values
    )
    varying = (
        {part for part in first.parts if len({one.parts[part][0] for one in values}) > 1}
        if same_shape
        else set()
    )
    return frozenset(varying) if 2 * len(varying) <= len(first.parts) else frozenset()


def _unstable(records: Sequence[RunRecord]) -> Iterator[tuple[str, str, int]]:
    first, others = records[0], records[1:]
    for border in first.borders:
        for other in (one for one in others if first.failure or border.cell in one.asked):
            twin = next((one for one in other.borders if one.cell == border.cell), None)
            for name, value in border.variables.items():
                again = twin.variables.get(name) if twin else None
                if again is None or again.digest != value.digest or again.kind != value.kind:
                    yield "variable", name, border.cell
            if twin is None or parting(border.aliases, twin.aliases, border.variables):
                yield "alias", "", border.cell
    yield from _displays(first, others)
    yield from _files(first, others)


def _displays(first: RunRecord, others: Sequence[RunRecord]) -> Iterator[tuple[str, str, int]]:
    for place, display in enumerate(first.displays):
        for other in others:
            again = other.displays[place] if place < len(other.displays) else None
            if (
                again is None
                or len(other.displays) != len(first.displays)
                or again.value.digest != display.value.digest
            ):
                yield "display", str(place + 1), display.cell


def _files(first: RunRecord, others: Sequence[RunRecord]) -> Iterator[tuple[str, str, int]]:
    for other in others:
        for name in first.files.keys() | other.files.keys():
            if not same_file(first.files.get(name), other.files.get(name)):
                yield "file", name, 0


def same_file(one: FileState | None, other: FileState | None) -> bool:
    """Whether two files are the same, or hold the same where their bytes are known to vary."""
    if one is None or other is None:
        return False
    return one.digest == other.digest or (one.content is not None and one.content == other.content)
