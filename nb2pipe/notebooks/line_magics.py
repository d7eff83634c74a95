"""Line magics: a table of what each says in Python."""

import ast
import re
from collections.abc import Callable

from nb2pipe.notebooks import commands
from nb2pipe.notebooks.expansion import expanded
from nb2pipe.notebooks.faults import parsed
from nb2pipe.notebooks.said import Magic, Said, dropped
from nb2pipe.notebooks.walking import walked

# what IPython calls aliases: names for shell commands
ALIASES = {
    "cat": "cat",
    "cp": "cp",
    "ldir": "ls -F -o --color %l | grep /$",
    "lf": "ls -F -o --color %l | grep ^-",
    "lk": "ls -F -o --color %l | grep ^l",
    "ll": "ls -F -o --color",
    "ls": "ls -F --color",
    "lx": "ls -F -o --color %l | grep ^-..x",
    "mkdir": "mkdir",
    "mv": "mv",
    "rm": "rm",
    "rmdir": "rmdir",
}
HELP = frozenset("pinfo pinfo2 pdoc psource pfile psearch quickref magic page pycat man less more".split())
# they read or change what the session remembers: its history, its namespace as a whole, its settings
SESSION = frozenset(
    "alias alias_magic autocall automagic autoawait bookmark colors code_wrap config debug dhist dirs doctest_mode ed"
    " edit hist history killbgscripts logoff logon logstart logstate logstop macro notebook pastebin pdb popd"
    " precision pushd pylab recall rehashx rep rerun reset reset_selective run sc save store subshell tb unalias"
    " unload_ext who who_ls whos xmode".split()
)
REPEATED = frozenset("timeit prun memit mprun lprun snakeviz".split())
BUILT_IN = (
    SESSION
    | HELP
    | ALIASES.keys()
    | frozenset(
        "autosave cd clear conda connect_info env gui load loadpy load_ext lsmagic mamba matplotlib micromamba pdef"
        " pip pprint prun pwd qtconsole reload_ext set_env sx system time timeit uv aimport autoreload".split()
    )
)
FORMATTERS = frozenset(
    {"autoreload", "nb_black", "lab_black", "jupyter_black", "black", "blackcellmagic", "jupyternotify"}
)
DISPLAYED = frozenset({"notebook", "widget", "ipympl", "nbagg"})
TIMEIT_OPTIONS = re.compile(r"(?:\s*-(?:[nrp]\s*\d+|[tcqov]+)(?=\s|$))*\s*")
MEASURED = "`%timeit` runs its code as often as IPython does, and prints no timing"


def line_magic(magic: Magic) -> Said:
    """What the line magic says in Python."""
    if magic.name in TABLE:
        return TABLE[magic.name](magic)
    if magic.name in ALIASES:
        return _alias(magic)
    if magic.name in HELP:
        return dropped(f"`{magic.shown}` only shows help")
    return _unsaid(magic)


def _unsaid(magic: Magic) -> Said:
    if not magic.name:
        return Said(ipython="`%` with a blank behind it names no magic")
    if magic.name in SESSION:
        return Said(session=f"`{magic.shown}` works on the session as a whole")
    if magic.name in REPEATED:
        return Said(ipython=f"`{magic.shown}` measures by running code many times")
    if magic.name in BUILT_IN:
        return Said(ipython=f"`{magic.shown}` is IPython's own")
    return Said(ipython=f"`{magic.shown}` is not a magic that can be said in Python")


def timed_code(magic: Magic) -> str:
    """The code that a measuring line magic runs, without its options."""
    return magic.argument[TIMEIT_OPTIONS.match(magic.argument).end() :]  # type: ignore[union-attr]


def _called(function: str, magic: Magic) -> Said:
    code = expanded(magic.argument, magic.names)
    if code is None:
        return Said(ipython=f"only a run tells what IPython fills into `{magic.shown} {magic.argument}`")
    return Said(f"__kernel__.{function}({code})")


def _alias(magic: Magic) -> Said:
    template = ALIASES[magic.name]
    text = template.replace("%l", magic.argument) if "%l" in template else f"{template} {magic.argument}"
    return commands.command(text.rstrip(), magic.names)


def _matplotlib(magic: Magic) -> Said:
    backend = magic.argument.strip()
    if backend == "inline":
        return Said("__kernel__.inline_figures()")
    if backend in DISPLAYED:
        return Said(
            "__kernel__.inline_figures()", note=f"`%matplotlib {backend}`: figures are saved, not interactive"
        )
    return Said(ipython=f"`%matplotlib {backend}`".replace(" `", "`") + " picks a window system for figures")


def _config(magic: Magic) -> Said:
    harmless = re.match(
        r"\s*(?:InlineBackend\.(?!close_figures)|IPCompleter\.|Completer\.)\w+\s*=", magic.argument
    )
    if harmless:
        return dropped(f"`%config {magic.argument.strip()}` only changes how a notebook looks")
    return Said(session="`%config` changes the settings of the session")


def _autoreload(magic: Magic) -> Said:
    return dropped(f"`{magic.shown}` only helps while writing")


def _load(magic: Magic) -> Said:
    return dropped(f"`{magic.shown}` fills a cell and defines nothing when it runs")


def _load_ext(magic: Magic) -> Said:
    if magic.argument.strip() in FORMATTERS:
        return dropped(f"`{magic.shown} {magic.argument.strip()}` only helps while writing")
    return Said(ipython=f"`{magic.shown} {magic.argument.strip()}` brings magics of its own")


def _cd(magic: Magic) -> Said:
    if re.match(r"\s*-(?!q\b)", magic.argument) or re.search(r"\s-b\b", magic.argument):
        return Said(session="`%cd` with an option goes by the session's list of folders")
    return _called("change_directory", magic)


def _env(magic: Magic) -> Said:
    if magic.name == "set_env" and not magic.argument.strip():
        return Said(ipython="`%set_env` without a variable is an error that IPython words")
    return _called("set_env", magic)


def _aimport(magic: Magic) -> Said:
    modules = [name.strip() for name in magic.argument.split(",") if re.fullmatch(r"\s*\w+(\.\w+)*\s*", name)]
    note = "`%aimport` only imports: nothing is reloaded in a pipeline"
    return Said(f"import {', '.join(modules)}" if modules else "", note=note, has_value=False)


def _time(magic: Magic) -> Said:
    note = "`%time` runs its code and prints no timing"
    if re.match(r"\s*-", magic.argument):
        return Said(ipython="`%time` with options is IPython's own")
    return Said(magic.argument.strip(), note=note, has_value=_is_expression(magic.argument))


def _timeit(magic: Magic) -> Said:
    """`%timeit f(x)` runs its code in a scope of its own, as a lambda has one."""
    times = timeit_times(magic)
    code = _measured(timed_code(magic).strip().rstrip(";"))
    if times is None or not code:
        return Said(ipython=f"`{magic.shown}` measures by running code many times")
    return Said(f"__kernel__.timeit(lambda: {code}{times})", note=MEASURED)


def timeit_times(magic: Magic) -> str | None:
    """The arguments that say how often the code runs; None where the options ask for more."""
    given = TIMEIT_OPTIONS.match(magic.argument)[0]  # type: ignore[index]
    if re.search(r"-[tcq]*[ov]", given):
        return None
    found = dict(re.findall(r"-([nr])\s*(\d+)", given))
    return "".join(
        f", {name}={found[key]}" for key, name in (("n", "number"), ("r", "repeat")) if key in found
    )


def _measured(code: str) -> str:
    """The expression that `code` evaluates; what it assigns stays in the scope of the measurement."""
    if _is_expression(code):
        return code
    tree = parsed(code)
    statement = tree.body[0] if isinstance(tree, ast.Module) and len(tree.body) == 1 else None
    if isinstance(statement, ast.Assign) and all(isinstance(one, ast.Name) for one in statement.targets):
        names = {one.id for one in statement.targets if isinstance(one, ast.Name)}
        read = {node.id for node in walked(statement.value) if isinstance(node, ast.Name)}
        return "" if names & read else ast.get_source_segment(code, statement.value) or ""
    return ""


def _is_expression(code: str) -> bool:
    try:
        compile(code.strip().rstrip(";"), "<time>", "eval", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _installer(magic: Magic) -> Said:
    return commands.installer(magic.shown, magic.argument)


def _folder(magic: Magic) -> Said:
    return Said("__kernel__.current_folder()")


def _delete(magic: Magic) -> Said:
    name = magic.argument.strip()
    if not name.isidentifier():
        return Said(session=f"`{magic.shown}` works on the session as a whole")
    return Said(f"del {name}", has_value=False)


def _lines(magic: Magic) -> Said:
    return commands.lines_of(magic.argument, magic.names)


TABLE: dict[str, Callable[[Magic], Said]] = {
    "aimport": _aimport,
    "autoreload": _autoreload,
    "cd": _cd,
    "conda": _installer,
    "config": _config,
    "env": _env,
    "load": _load,
    "loadpy": _load,
    "load_ext": _load_ext,
    "mamba": _installer,
    "matplotlib": _matplotlib,
    "micromamba": _installer,
    "pip": _installer,
    "pwd": _folder,
    "reload_ext": _load_ext,
    "set_env": _env,
    "sx": _lines,
    "system": _lines,
    "time": _time,
    "timeit": _timeit,
    "uv": _installer,
    "xdel": _delete,
}
