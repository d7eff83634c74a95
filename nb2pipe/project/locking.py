"""Files that come into a project after it was put together."""

import hashlib
import json
from collections.abc import Mapping

from nb2pipe.rendering import FileTree


def with_files(tree: FileTree, files: Mapping[str, str]) -> FileTree:
    """The project with these files, which its lock knows as its own."""
    lock = json.loads(tree["nb2pipe.lock"])
    digests = {
        name: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        for name, text in files.items()
    }
    lock["files"] = dict(sorted({**lock["files"], **digests}.items()))
    return {**tree, **files, "nb2pipe.lock": json.dumps(lock, indent=1, ensure_ascii=True) + "\n"}
