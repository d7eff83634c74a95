"""What several runs of the notebook agree on."""

from collections.abc import Iterator, Sequence

from nb2pipe.execution import FileState, RunRecord

from . import printed
from .model import Expected
from .sharing import parting


def expected(records: Sequence[RunRecord]) -> Expected:
    """What all runs agree on; the rest is unstable."""
    lines = printed.agreed([printed.lines(record.stdout) for record in records])
    return Expected(tuple(records), lines, frozenset(_unstable(records)))


def _unstable(records: Sequence[RunRecord]) -> Iterator[tuple[str, str, int]]:
    first, others = records[0], records[1:]
    for border in first.borders:
        for other in others:
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
