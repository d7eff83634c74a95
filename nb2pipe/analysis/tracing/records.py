"""What the tracer hands out: calls, changes, uses and bindings, each with its places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nb2pipe.analysis.catalogue import FileUse, Touch

from .things import NOTHING, Given, Place, Thing

Certainty = Literal["sure", "likely", "possible"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the text has it, with what is known of its parts."""

    name: str  # "pandas.read_csv", "pandas.DataFrame.drop", ".drop" for a receiver of unknown type
    place: Place  # where it stands
    run: Place  # where the cell's own code started it; cell 0: it is never called
    receiver: Thing | None
    args: tuple[Thing, ...]
    keywords: Mapping[str, Thing]
    given: Given
    result: Thing
    is_guarded: bool  # under a condition, or in a try
    is_inside: bool  # in the body of a function
    touches: tuple[Touch, ...] = ()  # ambient state
    files: tuple[FileUse, ...] = ()
    method: str = ""  # the last part of the name

    def argument(self, *places: int | str) -> Thing | None:
        """The first of these arguments that is given; "self" is the receiver."""
        for place in places:
            if isinstance(place, int):
                if place < len(self.args):
                    return self.args[place]
            elif place == "self":
                return self.receiver
            elif place in self.keywords:
                return self.keywords[place]
        return None


@dataclass(frozen=True, slots=True)
class Use:
    """A qualified name that is looked up without being called, or an attribute of a typed object."""

    name: str
    place: Place
    run: Place
    thing: Thing
    is_guarded: bool
    is_inside: bool
    is_written: bool = False
    value: Thing | None = None  # what is written


@dataclass(frozen=True, slots=True)
class Change:
    """An object that is changed in place, and the notebook's names whose content changes with it."""

    names: tuple[str, ...]
    through: str  # the name in the text, else ""
    how: str  # item, attribute, del, augmented, iterated, "inplace:drop", "method:append", "argument:shuffle"
    certainty: Certainty
    place: Place
    run: Place
    thing: Thing
    is_direct: bool = True  # changed as `name.method()` or `name[key] =`, not through another lookup
    key: object = ...  # the literal key of an item, where the text tells it
    value: Thing | None = None
    given: Given = field(
        default_factory=lambda: NOTHING
    )  # the arguments of a changing method, or the operator
    at: Thing | None = None  # the key of an item


@dataclass(frozen=True, slots=True)
class Binding:
    """A name of the notebook that gets an object."""

    name: str
    place: Place
    run: Place
    thing: Thing
    kind: Literal["value", "import", "definition"]
    before: Thing | None  # what the name stood for
    is_guarded: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """All that was seen, in the order of the walk."""

    calls: tuple[Call, ...]
    uses: tuple[Use, ...]
    changes: tuple[Change, ...]
    bindings: tuple[Binding, ...]
    reads: tuple[tuple[int, str], ...]  # cell, and a name that a function read which the cell called
    namespace: Mapping[str, Thing]  # at the end
