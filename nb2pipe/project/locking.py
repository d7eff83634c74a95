"""Files that come into a project after it was put together."""

import json

from nb2pipe.rendering import LOCK, FileTree, digests, lock_text


def with_files(tree: FileTree, files: FileTree) -> FileTree:
    """The project with these files, which its lock knows as its own."""
    lock = json.loads(tree[LOCK])
    return {**tree, **files, LOCK: lock_text({**lock, "files": {**lock["files"], **digests(files)}})}
