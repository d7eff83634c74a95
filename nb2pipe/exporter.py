"""The pipeline as an nbconvert exporter: `jupyter nbconvert --to nb2pipe nb.ipynb`."""

import json
import tempfile
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter

from nb2pipe.workflows.convert import convert


class PipelineExporter(Exporter):
    """pipeline.py is the main output; all files of the project go through `resources["outputs"]`.

    nbconvert writes the main output under the notebook's name: the package keeps its own pipeline.py.
    """

    export_from_notebook = "nb2pipe pipeline"
    output_mimetype = "text/x-python"

    def _file_extension_default(self) -> str:
        return ".py"

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> tuple[Any, dict[str, Any]]:
        """The text of pipeline.py and the resources of nbconvert with all other files."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        name = resources.get("metadata", {}).get("name") or "notebook"
        with tempfile.TemporaryDirectory(prefix="nb2pipe-") as folder:
            path = Path(folder) / f"{name}.ipynb"
            path.write_text(json.dumps(nb), encoding="utf-8")
            converted = convert(path, Path(folder) / "project")
        main = f"{converted.plan.package}/pipeline.py"
        files = {path: text.encode("utf-8", "surrogatepass") for path, text in converted.tree.items()}
        resources["outputs"] = {**(resources.get("outputs") or {}), **files}
        return converted.tree[main], dict(resources)
