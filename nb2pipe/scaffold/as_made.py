"""The files of a repository as they were made, kept in it: what was edited by hand shows against them."""

import base64
import bz2
import json

from nb2pipe.errors import InputError
from nb2pipe.rendering import FileTree

BASE = ".nb2pipe-base"
_ABOUT = "# The files that nb2pipe made, as they were, for `nb2pipe scaffold --update`. Leave it as it is.\n"


def base_text(made: FileTree) -> str:
    """The text of BASE; bz2, since its output is the same in all its versions."""
    content = json.dumps(dict(sorted(made.items())), ensure_ascii=True).encode()
    return f"{_ABOUT}{base64.b64encode(bz2.compress(content)).decode()}\n"


def base_files(text: str) -> FileTree:
    """The files that the text of BASE holds; InputError where it is damaged."""
    try:
        content = bz2.decompress(base64.b64decode(text.removeprefix(_ABOUT)))
        return {str(path): str(told) for path, told in json.loads(content).items()}
    except (ValueError, OSError, EOFError, AttributeError):
        raise InputError(f"{BASE} is damaged; take it from an older commit") from None
