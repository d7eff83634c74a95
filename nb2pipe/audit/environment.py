"""Environment variables: who sets and who reads them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from nb2pipe.analysis.inner_names import FUNCTIONS
from nb2pipe.analysis.tracing import NOWHERE, Call, Place
from nb2pipe.notebooks.walking import walked

from .model import View, once

READERS = frozenset(
    "os.environ.get os.getenv os.environ.__getitem__ os.environ.setdefault os.environ.pop"
    " os.environ.items os.environ.keys os.environ.values os.environ.copy os.path.expandvars decouple.config".split()
)
# They read all variables when they are given `os.environ`.
WHOLE = frozenset("dict print list sorted display pprint.pprint json.dumps pandas.Series".split())
SETTERS = frozenset("os.environ.__setitem__ os.environ.setdefault os.putenv".split())
# These are read when the device is first used, not at import.
LAZY = frozenset(("CUDA_VISIBLE_DEVICES",))


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable that the notebook sets."""

    key: str
    place: Place
    is_guarded: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A variable that the notebook reads."""

    key: str
    place: Place
    run: Place  # cell 0: the function is never called


def settings(view: View) -> list[Setting]:
    """The variables that are set, in order."""
    found = [
        Setting(str(call.given.get(0)), call.place, call.is_guarded)
        for call in view.trace.calls
        if call.name in SETTERS and isinstance(call.given.get(0), str)
    ]
    for call in view.by_name.get("os.environ.update", ()):
        keys = (*call.keywords, *((call.args[0].keyed or {}) if call.args else ()))
        found += [Setting(key, call.place, call.is_guarded) for key in keys if isinstance(key, str)]
    for cell in view.cells:
        for use in cell.lifted.magics:
            if use.name in ("env", "set_env") and use.argument.strip():
                key = use.argument.replace("=", " ").split()[0]
                if len(use.argument.replace("=", " ").split()) > 1:
                    found.append(Setting(key, Place(cell.number, use.line, 1), False))
    return sorted(found, key=lambda one: (view.place[one.place.cell], one.place))


@once
def reads(view: View) -> list[Reading]:
    """The variables that are read ("" where the text does not tell which), in order."""
    found = [
        Reading(key if isinstance(key, str) else "", call.place, call.run)
        for call in view.trace.calls
        if call.name in READERS or _hands_over(call)
        for key in [call.given.get(0, call.given.get("key"))]
    ]
    found += [
        Reading("", use.place, use.run)
        for use in view.trace.uses
        if use.name in READERS and not use.is_written
    ]
    found += _asked(view)
    for cell in view.cells:
        for use in cell.lifted.magics:
            word = use.argument.strip()
            if use.name == "env" and word and "=" not in word and " " not in word:
                place = Place(cell.number, use.line, 1)
                found.append(Reading(word, place, place))
    return sorted(found, key=lambda one: (view.place.get(one.run.cell, len(view.place)), one.run))


def _hands_over(call: Call) -> bool:
    """`dict(os.environ)`: all variables at once."""
    return call.name in WHOLE and any(
        one.kind == "name" and one.origin == "os.environ" for one in call.args[:1]
    )


def _asked(view: View) -> Iterator[Reading]:
    """`'CI' in os.environ`, and `os.environ` alone, which shows it."""
    for one in view.facts.statements if "os" in view.facts.bound else ():
        for node in walked(one.node) if not isinstance(one.node, (*FUNCTIONS, ast.ClassDef)) else ():
            match node:
                case ast.Compare(
                    left=ast.Constant(value=str(key)), ops=[ast.In() | ast.NotIn()], comparators=[space]
                ) if _is_environ(view, space):
                    yield _read_at(one.cell, node, key)
                case ast.Expr(value=value) if _is_environ(view, value):
                    yield _read_at(one.cell, node, "")
                case _:
                    pass


def _read_at(cell: int, node: ast.expr | ast.stmt, key: str) -> Reading:
    place = Place(cell, node.lineno, node.col_offset + 1)
    return Reading(key, place, place)


def _is_environ(view: View, node: ast.expr) -> bool:
    match node:
        case ast.Name(id=name):
            thing = view.trace.namespace.get(name)
            return thing is not None and thing.kind == "name" and thing.origin == "os.environ"
        case ast.Attribute(value=ast.Name(id="os"), attr="environ"):
            return True
        case _:
            return False


def reads_of(view: View, key: str) -> list[Reading]:
    """The reads of a variable that happen."""
    return [one for one in reads(view) if one.key == key and one.run.cell]


def imported_before(view: View, setting: Setting) -> tuple[str, Place]:
    """A library that reads the variable at import and is imported before it is set, and where; "" for none."""
    readers = view.know.import_readers(setting.key) if setting.key not in LAZY else frozenset()
    for one in view.trace.bindings if readers else ():
        root = one.thing.origin.partition(".")[0]
        before = (view.place[one.run.cell], one.place) < (view.place[setting.place.cell], setting.place)
        if one.kind == "import" and root in readers and before:
            return root, one.place
    return "", NOWHERE
