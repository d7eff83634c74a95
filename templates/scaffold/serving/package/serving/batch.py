"""Answers for a file of rows, by the code that the service runs: batch IN.csv OUT.csv."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..observing.rows import Column
from ..pipeline import PIPELINE
from ..registry.versions import Registry, RegistryError, registry
from .schema import plain, row_model

_AT_ONCE = 1000


def score(store: Registry, source: Path, target: Path) -> int:
    """Write the rows of a file with their answers; how many there were."""
    version = store.aliases().get("champion")
    if version is None:
        raise RegistryError("there is no champion: make train")
    model = store.load(version)
    row = row_model(model.shape)
    columns = list(model.shape.columns)
    with source.open(encoding="utf-8", newline="") as read:
        told = [_typed(line, columns) for line in csv.DictReader(read)]
    rows = [plain(row.model_validate(one)) for one in told]
    with target.open("w", encoding="utf-8", newline="") as write:
        names = [column.name for column in columns]
        out = csv.DictWriter(write, [*names, "prediction", "model_version"])
        out.writeheader()
        for part in _parts(rows):
            for given, answer in zip(part, model.predict(part)):
                found = {"prediction": answer.prediction, "model_version": version}
                out.writerow({**given, **found})
    return len(rows)


def _parts(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for begin in range(0, len(rows), _AT_ONCE):
        yield rows[begin : begin + _AT_ONCE]


def _typed(line: dict[str, str], columns: Sequence[Column]) -> dict[str, Any]:
    """Texts of a file as the columns' types; what is empty is missing."""
    return {
        column.name: _value(line.get(column.name, ""), column.type)
        for column in columns
    }


def _value(text: str, kind: str) -> Any:
    if text == "":
        return None
    if kind == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower())
    try:
        return {"number": float, "integer": int}.get(kind, str)(text)
    except ValueError:
        return text  # the row's model says what is wrong with it


def main(words: Sequence[str] | None = None) -> int:
    """0 done, 1 the answer is no."""
    parser = argparse.ArgumentParser(prog=f"python -m {PIPELINE.package}.serving.batch")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args(words)
    try:
        print(score(registry(), options.source, options.target), "rows")
    except (OSError, RegistryError, ValidationError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
