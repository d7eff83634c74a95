"""Run engines on notebooks: are they equal, tried again after a failure, skipped where nothing has changed.

    python benchmarks/engines.py --venvs DIR --rows FILE [--make] [--oldest] [--engine NAME] [--what WHAT] [NOTEBOOK...]
    python benchmarks/engines.py --rows FILE --page

DIR/<engine> is a virtual environment with the engine and the notebooks' packages, DIR/<engine>-oldest one with the
oldest version that the adapter supports; --make makes those that are missing. Each measurement adds a line to FILE, and
--page prints the last ones as docs/engines/runs.md.
"""

import argparse
import ast
import datetime as dt
import json
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from engine_speed import short_stages, side_by_side
from engine_trials import Made, Outcome, Row, Trial, row_of
from engines_page import page

from nb2pipe import engines
from nb2pipe.workflows import verify as verifying
from nb2pipe.workflows.engines import ENGINE
from nb2pipe.workflows.proving import ProofWish

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ("params_tagged", "carried_state", "aliases_inplace", "figure_over_cells", "shadowed_builtins")
CARRIED = ROOT / "sample_notebooks" / "carried_state" / "carried_state.ipynb"
BROKEN = "bill_stage"  # of that notebook: the stage that fails once
REACH = ("price", "bill_stage")  # the stages that reach the function that is edited
PACKAGES = "numpy pandas scipy matplotlib seaborn scikit-learn joblib cloudpickle ipykernel pyyaml fsspec"


def main() -> int:
    """Measure, or print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venvs", type=Path)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--engine", action="append", default=[])
    parser.add_argument("--what", action="append", choices=[*MEASURES, *SPEEDS], default=[])
    parser.add_argument("--oldest", action="store_true")
    parser.add_argument("--make", action="store_true")
    parser.add_argument("--page", action="store_true")
    parser.add_argument("notebooks", nargs="*", type=Path)
    told = parser.parse_args()
    if told.page:
        print(page([json.loads(line) for line in told.rows.read_text("utf-8").splitlines()]), end="")
        return 0
    told.notebooks = told.notebooks or [ROOT / "sample_notebooks" / one / f"{one}.ipynb" for one in SAMPLES]
    told.rows.parent.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for trial in trials(told):
        for what in told.what or MEASURES:
            for row in {**MEASURES, **SPEEDS}[what](trial, told.notebooks):
                known = {"date": f"{dt.datetime.now(tz=dt.UTC):%Y-%m-%d}", "what": what, **asdict(row)}
                with told.rows.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(known) + "\n")
                print(json.dumps(known), flush=True)
                wrong += not row.is_fine
    return int(wrong > 0)


def trials(told: argparse.Namespace) -> Iterator[Trial]:
    """The engines that are asked for, each with its environment."""
    for name, adapter in engines.engines().items():
        engine = adapter.ENGINE
        folder = told.venvs.resolve() / (f"{name}-oldest" if told.oldest else name)
        if not engine.distribution or (told.engine and name not in told.engine):
            continue
        if told.make and not folder.is_dir():
            make(folder, engine, told.oldest)
        if folder.is_dir():
            yield Trial(engine, folder, told.oldest)


def make(folder: Path, engine: engines.Engine, oldest: bool) -> None:
    """An environment with the engine, newest or oldest, and what the notebooks need."""
    venv.create(folder, with_pip=True)
    wanted = f"{engine.distribution}=={engine.oldest}" if oldest else engine.requirement
    words = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q"]
    subprocess.run([*words, *PACKAGES.split(), wanted, *(engine.oldest_needs if oldest else ())], check=True)


# -- the measures: each yields rows ----------------------------------------------------------------------------------------


def proofs(trial: Trial, notebooks: Sequence[Path]) -> Iterator[Row]:
    """The verdict on each notebook."""
    for notebook in notebooks:
        yield row_of(trial, notebook, _proof)


def _proof(made: Made) -> Outcome:
    mode = f"{ENGINE}{made.trial.engine.name}"
    wish = ProofWish(python=made.trial.python, modes=(mode,), repeats=1)
    verdict = verifying.verify(made.project, made.notebook, wish)
    different = sorted({f"{one.what} {one.name}".strip() for one in verdict.differences})
    said = ", ".join([verdict.verdict, *different])
    return said, verdict.is_equal, verdict.compared.get("variables", 0)


def retries(trial: Trial, notebooks: Sequence[Path]) -> Iterator[Row]:
    """A stage that fails once, after it has printed and written: the engine tries again, and the result is equal."""
    if trial.engine.retries:
        yield row_of(trial, CARRIED, _retry)


def _retry(made: Made) -> Outcome:
    expected = made.plain()
    fail_once(made.project / made.package / "stages" / f"{BROKEN}.py", made.project / "failed")
    is_equal = made.on_engine() == expected and (made.project / "failed").exists()
    return "equal" if is_equal else "different", is_equal, 0


def again(trial: Trial, notebooks: Sequence[Path]) -> Iterator[Row]:
    """A second run with nothing changed, and one after an edit of a function that two of five stages reach."""
    if trial.engine.skips:
        yield row_of(trial, CARRIED, _again)


def _again(made: Made) -> Outcome:
    expected, printed, first = made.plain(), made.on_engine(), made.records()
    is_equal = printed == expected == made.on_engine()
    second = made.records()
    is_equal = is_equal and edited(made, "value * 10", "10 * value") == expected
    third = made.records()
    is_equal = is_equal and edited(made, "10 * value", "9 * value") == made.plain() != expected
    unchanged, changed = _newer(first, second), _newer(second, third)
    is_fine = is_equal and not unchanged and set(changed) == set(REACH)
    said = f"{len(unchanged)} again, after the edit {' '.join(changed)}"
    return said if is_equal else f"different; {said}", is_fine, 0


def edited(made: Made, old: str, new: str) -> str:
    """What the stages print on the engine after an edit of the function that REACH use."""
    definitions = made.project / made.package / "functions.py"
    definitions.write_text(definitions.read_text("utf-8").replace(old, new), "utf-8")
    return made.on_engine()


def _newer(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    return [name for name, when in after.items() if when != before.get(name)]


MEASURES = {"proof": proofs, "retry": retries, "again": again}
SPEEDS = {"stages": short_stages, "branches": side_by_side}


def fail_once(stage: Path, mark: Path) -> None:
    """Let the stage fail at its end, but only once."""
    lines = stage.read_text("utf-8").splitlines()
    function = next(
        one for one in reversed(ast.parse("\n".join(lines)).body) if isinstance(one, ast.FunctionDef)
    )
    last = function.body[-1]
    place = last.lineno - 1 if isinstance(last, ast.Return) else len(lines)
    fault = f"    import pathlib; mark = pathlib.Path({str(mark)!r})\n    if not mark.exists():\n"
    fault += "        mark.touch()\n        raise RuntimeError('not yet')"
    stage.write_text("\n".join([*lines[:place], fault, *lines[place:], ""]), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
