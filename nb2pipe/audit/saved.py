"""What is saved with a cell: execution counts, printed text, results, errors."""

from collections.abc import Iterator, Mapping
from typing import Any

from nb2pipe.analysis import CellFacts


def outputs(cell: CellFacts) -> tuple[Mapping[str, Any], ...]:
    """The saved outputs of a cell."""
    return cell.lifted.cell.outputs


def text(value: object) -> str:
    """A text of nbformat: a string, or a list of them."""
    return "".join(map(str, value)) if isinstance(value, list) else value if isinstance(value, str) else ""


def printed(cell: CellFacts) -> str:
    """What the cell printed to stdout."""
    return "".join(
        text(one.get("text"))
        for one in outputs(cell)
        if one.get("output_type") == "stream" and one.get("name", "stdout") == "stdout"
    )


def result(cell: CellFacts) -> str | None:
    """The text of the cell's result, None where it has none."""
    for one in outputs(cell):
        data = one.get("data")
        if one.get("output_type") == "execute_result" and isinstance(data, dict):
            return text(data.get("text/plain"))
    return None


def errors(cell: CellFacts) -> Iterator[Mapping[str, Any]]:
    """The exceptions that were saved."""
    return (one for one in outputs(cell) if one.get("output_type") == "error")


def texts(cell: CellFacts) -> Iterator[str]:
    """All texts in the outputs of a cell."""
    for one in outputs(cell):
        yield text(one.get("text"))
        yield text(one.get("evalue"))
        data = one.get("data")
        for media, value in data.items() if isinstance(data, dict) else ():
            if media.startswith("text/") or media == "application/json":
                yield text(value) if not isinstance(value, dict) else str(value)


def has_code(cell: CellFacts) -> bool:
    """Whether the cell holds more than blanks and remarks."""
    lines = (line.strip() for line in cell.lifted.cell.source.split("\n"))
    return not cell.is_skipped and any(line and not line.startswith("#") for line in lines)
