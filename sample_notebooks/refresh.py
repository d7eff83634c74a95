"""Run the sample notebooks in clean kernels and save their outputs, without what changes from run to run.

The counts of a notebook that was saved out of order are part of the sample: counts that are there stay.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
TIMING = re.compile(r"^(CPU times|Wall time): .*\n", re.MULTILINE)


def run_in_copy(path: Path, notebook: Any) -> None:
    """Run the notebook in a copy of its folder, so that what it writes does not stay."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / path.parent.name
        shutil.copytree(path.parent, folder)
        resources = {"metadata": {"path": str(folder)}}
        NotebookClient(notebook, timeout=120, record_timing=False, resources=resources).execute()


def strip(output: Any) -> Any | None:
    """The output as it is worth saving, or None."""
    if output.output_type == "stream":
        if output.name != "stdout":
            return None
        output.text = TIMING.sub("", output.text)
        return output if output.text else None
    if "text/html" in output.data:
        del output.data["text/html"]  # the plain text says the same in a tenth of the bytes
    return output


def refresh(path: Path) -> None:
    """Run one notebook and save it."""
    notebook: Any = nbformat.read(path, as_version=4)
    kept = [cell.get("execution_count") for cell in notebook.cells]
    run_in_copy(path, notebook)
    for cell, count in zip(notebook.cells, kept, strict=True):
        if cell.cell_type != "code":
            continue
        cell.outputs = [output for output in map(strip, cell.outputs) if output is not None]
        cell.execution_count = count or cell.execution_count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
    notebook.metadata.get("language_info", {}).pop("version", None)
    nbformat.write(notebook, path)


def main() -> None:
    """Refresh the notebooks that are named, else all."""
    names = sys.argv[1:]
    for path in sorted(HERE.glob("*/*.ipynb")):
        if not names or path.stem in names:
            print(path.stem, flush=True)
            refresh(path)


if __name__ == "__main__":
    main()
