"""Shell commands of a notebook: installs become requirements, the rest runs as it did."""

import re
import shlex
from collections.abc import Iterable, Iterator

from nb2pipe.notebooks.expansion import expanded
from nb2pipe.notebooks.said import Said, dropped

INSTALLER = re.compile(
    r"""^\s*(?:yes\s*(?:[^|\s]+\s*)?\|\s*)?(?:sudo\s+)?
    (?:(?:\S*/|\{[^}]*\}\s+-m\s+|python[\d.]*\s+-m\s+|"?\{[^}]*\}"?\s+-m\s+)?(?P<pip>pip[\d.]*)
      | uv\s+(?P<uv>pip)
      | (?P<conda>conda|mamba|micromamba)
      | (?P<system>apt|apt-get|yum|dnf|brew|easy_install))\b""",
    re.VERBOSE,
)
CHAINED = re.compile(r"&&|\|\||;|\|")
VALUED = frozenset(
    "-r --requirement -c --constraint -i --index-url --extra-index-url -f --find-links -t --target --prefix --root"
    " -n --name -p --channel --python --progress-bar --trusted-host --upgrade-strategy --timeout".split()
)
CONDA_VALUED = VALUED | {"-c"}


def command(text: str, names: frozenset[str] | None) -> Said:
    """`!text`."""
    return _install(text) or _run("shell", text, names)


def lines_of(text: str, names: frozenset[str] | None) -> Said:
    """`x = !text` and `!!text`: the lines that the command prints."""
    install = _install(text)
    if install:
        return Said("[]", note=install.note, installs=install.installs)
    return _run("shell_lines", text, names)


def installer(tool: str, text: str) -> Said:
    """`%pip text`, `%conda text` and the like: never run."""
    return dropped(
        f"`{tool} {text.strip()}` does not run; requirements.txt lists packages", requirements(tool, text)
    )


def requirements(tool: str, text: str) -> tuple[str, ...]:
    """The requirements that `pip text` or `conda text` names."""
    try:
        words = shlex.split(CHAINED.split(re.sub(r"\s#.*", "", text))[0])
    except ValueError:
        words = text.split()
    if "install" not in words:
        return ()
    return tuple(
        _requirements(words[words.index("install") + 1 :], CONDA_VALUED if "conda" in tool else VALUED)
    )


def _requirements(words: Iterable[str], valued: frozenset[str]) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        if word in valued:
            next(rest, None)
        elif re.match(r"[A-Za-z0-9]", word) and "/" not in word.split(" @ ")[0].split("[")[0]:
            yield word.split("::")[-1]
        elif word.startswith("git+"):
            yield word


def _install(text: str) -> Said | None:
    found = INSTALLER.match(text)
    if not found:
        return None
    chained = _chained(text[found.end() :])
    if chained and not all(INSTALLER.match(part) for part in chained):
        return None  # it does more than to install
    tool = found["pip"] or found["uv"] or found["conda"] or found["system"]
    return Said(
        note=f"`{text.strip()}` does not run; requirements.txt lists packages",
        installs=() if found["system"] else requirements(tool, text[found.end() :]),
    )


def _chained(text: str) -> list[str]:
    unquoted = re.sub(r"'[^']*'|\"[^\"]*\"", "_", text)
    return [part for part in re.split(r"&&|;", unquoted)[1:] if part.strip()]


def _run(function: str, text: str, names: frozenset[str] | None) -> Said:
    code = expanded(text, names)
    if code is None:
        return Said(ipython=f"only a run tells what IPython fills into `!{text.strip()}`")
    return Said(f"__kernel__.{function}({code})")
