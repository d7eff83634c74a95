"""Values of calls that only put texts together."""

from typing import Any

from .things import Thing


def text_of_call(name: str, args: list[Thing]) -> Any:
    """The value of a call that only puts texts together, else `...`."""
    consts = [one.const for one in args]
    if name in ("os.path.join", "pathlib.Path", "pathlib.PurePath") and all(
        isinstance(one, str) for one in consts
    ):
        return (
            "/".join(
                one.rstrip("/") if number < len(consts) - 1 else one for number, one in enumerate(consts)
            )
            or "."
        )
    if name in ("str", "os.path.abspath", "os.path.expanduser", "os.fspath") and len(consts) == 1:
        return consts[0] if isinstance(consts[0], (str, int)) else ...
    return ...


def text_of_method(text: Any, method: str, args: list[Thing]) -> Any:
    """The value of a method of a known text, else `...`."""
    if not isinstance(text, str):
        return ...
    consts = [one.const for one in args]
    if method == "split" and all(isinstance(one, str) for one in consts):
        try:
            return text.split(*consts[:1])
        except ValueError:
            return ...
    if method in ("strip", "lower", "upper") and not args:
        return getattr(text, method)()
    return ...
