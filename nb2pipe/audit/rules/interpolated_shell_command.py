"""A variable is put into a shell command.

With another value, one that holds a space or a semicolon, it runs something else.
"""

import ast
import re
from collections.abc import Iterator

from nb2pipe.analysis.tracing import Call, Thing, ancestors
from nb2pipe.audit.commands import Command, commands
from nb2pipe.audit.model import Finding, Rule, Severity, View, cells

RULE = Rule(
    "NB904",
    "interpolated-shell-command",
    Severity.WARNING,
    message="`{name}` is put into a shell command: with another value it runs something else",
    hint="call subprocess.run with a list of arguments, or quote it with shlex.quote",
)
GOOD = [cells("n = open('n.txt').read()", "import shutil\nshutil.rmtree(n)")]
BAD = [
    (
        cells("n = open('n.txt').read()", "!rm -r {n}"),
        ["2:1 `n` is put into a shell command: with another value it runs something else"],
    )
]
FILLED = re.compile(r"(?<!\{)\{([^{}]+)\}(?!\})|(?<!\$)\$([^\W\d]\w*)")
BY_SHELL = frozenset(
    "os.system os.popen subprocess.getoutput subprocess.getstatusoutput"
    " IPython.InteractiveShell.system IPython.InteractiveShell.getoutput".split()
)
OWN = ("sys.executable", "os.getcwd", "shlex.quote")


def check(view: View) -> Iterator[Finding]:
    """The commands that hold a variable whose value the text does not tell."""
    for command in commands(view):
        name = _of_call(command.call) if command.call is not None else _of_magic(view, command)
        if name:
            yield RULE.at(command.spot, name=name)


def _of_magic(view: View, command: Command) -> str:
    for braced, dollar in FILLED.findall(command.text):
        try:
            tree = ast.parse((braced or dollar).partition(":")[0].strip(), mode="eval")
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Name)
                and node.id in view.facts.bound
                and ast.unparse(tree.body) not in OWN
            ):
                thing = view.trace.namespace.get(node.id)
                if thing is None or (thing.kind != "name" and not _is_known(thing)):
                    return node.id
    return ""


def _of_call(call: Call) -> str:
    if call.name not in BY_SHELL and call.given.get("shell") is not True:
        return ""
    first = call.argument(0, "args", "command", "cmd")
    if first is None or isinstance(first.const, str) or first.type == "list":
        return ""
    quoted = {
        id(one)
        for call_ in ancestors(first, 20)
        if call_.origin in OWN
        for one in ancestors(call_, 20)
        if one is not call_
    }
    for one in ancestors(first, 20):
        if id(one) in quoted:
            continue
        names = sorted(one.names or ())
        if names and not _is_known(one) and one is not first:
            return names[0]
    loose = first.origin in ("text", "operator", ".format", "str.format") and not any(
        one.origin in OWN for one in ancestors(first, 20)
    )
    return "a value" if loose else ""


def _is_known(thing: Thing) -> bool:
    return isinstance(thing.const, (str, int)) and not re.search(r"[;&|`$<>]", str(thing.const))
