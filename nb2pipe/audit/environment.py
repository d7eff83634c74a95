"""Environment variables: who sets and who reads them."""

from collections.abc import Iterator
from dataclasses import dataclass

from nb2pipe.analysis.tracing import NOWHERE, Place

from .model import View

READERS = frozenset(
    "os.environ.get os.getenv os.environ.__getitem__ os.environ.setdefault os.environ.pop decouple.config".split()
)
SETTERS = frozenset("os.environ.__setitem__ os.environ.setdefault os.putenv".split())
# These are read when the device is first used, not at import.
LAZY = frozenset(("CUDA_VISIBLE_DEVICES",))


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable that the notebook sets."""

    key: str
    place: Place
    is_guarded: bool


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


def reads(view: View) -> Iterator[tuple[str, Place]]:
    """The variables that are read ("" where the text does not tell which), in order."""
    found = [
        (str(call.given[0]) if isinstance(call.given.get(0), str) else "", call.place)
        for call in view.trace.calls
        if call.name in READERS
    ]
    yield from sorted(found, key=lambda one: (view.place[one[1].cell], one[1]))


def reads_of(view: View, key: str) -> list[Place]:
    """Where a variable is read."""
    return [place for one, place in reads(view) if one == key]


def imported_before(view: View, setting: Setting) -> tuple[str, Place]:
    """A library that reads the variable at import and is imported before it is set, and where; "" for none."""
    readers = view.know.import_readers(setting.key) if setting.key not in LAZY else frozenset()
    for one in view.trace.bindings if readers else ():
        root = one.thing.origin.partition(".")[0]
        before = (view.place[one.run.cell], one.place) < (view.place[setting.place.cell], setting.place)
        if one.kind == "import" and root in readers and before:
            return root, one.place
    return "", NOWHERE
