"""A value comes from a command of the machine.

Other tools or other files there give another result.
"""

from collections.abc import Iterator

from nb2pipe.analysis.tracing import Call, ancestors
from nb2pipe.audit.commands import INSTALLER, RUNNERS, commands
from nb2pipe.audit.model import Finding, Rule, Severity, View, cells

RULE = Rule(
    "NB503",
    "depends-on-shell",
    Severity.WARNING,
    message="`{variable}` comes from a command of this machine",
    hint="compute `{variable}` in Python",
)
GOOD = [cells("from pathlib import Path\nf = sorted(Path().glob('*'))", "print(len(f))")]
BAD = [(cells("f = !ls", "print(len(f))"), ["1:1 `f` comes from a command of this machine"])]
VALUED = RUNNERS - {"subprocess.check_call"}


def check(view: View) -> Iterator[Finding]:
    """The commands whose output gets a name."""
    for command in commands(view):
        if command.target:
            yield RULE.at(command.spot, variable=command.target)
        elif command.call is None:
            for call in view.by_name.get("__kernel__.shell_lines", ()):
                name = _target(view, call) if call.place[:2] == (command.spot.cell, command.spot.line) else ""
                if name:
                    yield RULE.at(command.spot, variable=name)
        elif command.call.name in VALUED and not INSTALLER.search(command.text):
            name = _target(view, command.call)
            if name:
                yield RULE.at(command.call.place, variable=name)


def _target(view: View, call: Call) -> str:
    """The name that the statement binds to what the call gives."""
    for one in view.trace.bindings:
        if one.run == call.run and any(source is call.result for source in ancestors(one.thing, 30)):
            return one.name
    return ""
