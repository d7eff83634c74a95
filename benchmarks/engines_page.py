"""The page docs/engines/runs.md, from the lines that benchmarks/engines.py wrote."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Line = Mapping[str, Any]

HEAD = """# The last run of the engines

Written by `benchmarks/engines.py --page` from its own measurements of {dates}, on one machine without a cluster, each
engine in an environment of its own. The pipeline is as `nb2pipe convert --engine NAME` makes it. The manifests for Argo
and GitHub Actions do not run here: `benchmarks/engine_schemas.py` checks them against the engines' schemas.
"""
EQUAL = """## Equal to the notebook

`nb2pipe verify --engine NAME`: the notebook runs, and the pipeline on the engine; what is printed, shown and written, and
all variables at the end of each stage, are compared. In brackets: how many variables.
"""
RETRY = """## A stage that fails once

In `carried_state`, the fourth of five stages fails at its end, after it has printed, drawn random numbers and written a
file. An engine that has retries runs it again; what all stages print is compared with `python -m carried_state run`.
"""
AGAIN = """## A second run

`carried_state` again: with nothing changed, and after an edit of a function that two of its five stages use, which
leaves their results as they were. Said is which stages ran. Another edit changes results, and all behind them runs.
"""
OLDEST = """## The oldest versions

The same on the oldest version that an adapter supports.
"""
SPEED = """## Time beside the work

Twenty stages of a millisecond: seconds a stage, with the engine's own start. `run` and `run --isolated` are the
pipeline's own command in the same environment, in one process and in one for each stage; the ratio is that of `run`.
On Ray: two independent branches of ten seconds with `--jobs 2`, on a cluster of two workers that is there.
"""


def page(lines: Iterable[Line]) -> str:
    """The page; of several measurements of the same the last counts."""
    last = {(one["what"], one["engine"], one["is_oldest"], one["notebook"]): one for one in lines}
    newest = [one for one in last.values() if not one["is_oldest"]]
    oldest = [one for one in last.values() if one["is_oldest"]]
    dates = sorted({one["date"] for one in last.values()})
    sections = (
        (EQUAL, _proofs, newest, {"proof"}),
        (RETRY, _outcomes, newest, {"retry"}),
        (AGAIN, _outcomes, newest, {"again"}),
        (OLDEST, _outcomes, oldest, {"proof", "retry", "again"}),
        (SPEED, _outcomes, newest, {"stages", "branches"}),
    )
    parts = [HEAD.format(dates=" to ".join(dict.fromkeys([dates[0], dates[-1]])))]
    for text, table, rows, what in sections:
        chosen = [one for one in rows if one["what"] in what]
        parts += [text, table(chosen)] if chosen else []
    return "\n".join(parts)


def _proofs(rows: Sequence[Line]) -> str:
    """A line for each engine, a column for each notebook."""
    notebooks = list(dict.fromkeys(one["notebook"] for one in rows))
    found = {(one["engine"], one["notebook"]): one for one in rows}
    table = [["engine", "version", *(f"`{name}`" for name in notebooks)]]
    for engine, version in sorted({(one["engine"], one["version"]) for one in rows}):
        cells = [found.get((engine, name)) for name in notebooks]
        table.append(
            [engine, version, *(f"{one['outcome']} ({one['values']})" if one else "" for one in cells)]
        )
    return _table(table)


def _outcomes(rows: Sequence[Line]) -> str:
    """A line for each measurement."""
    rows = sorted(rows, key=lambda one: (one["what"], one["engine"]))
    return _table(
        [["engine", "version", "notebook", "measured", "outcome"]]
        + [
            [one["engine"], one["version"], f"`{one['notebook']}`", one["what"], one["outcome"]]
            for one in rows
        ]
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:], ""])
