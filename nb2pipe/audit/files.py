"""Files that the notebook reads and writes, in the order of the run."""

from dataclasses import dataclass

from nb2pipe.analysis.tracing import Call, Place, Thing, ancestors
from nb2pipe.graph import path_of

from .model import View


@dataclass(frozen=True, slots=True)
class FileEvent:
    """One use of a file whose path the text tells."""

    path: str
    role: str  # reads, writes, appends, removes, lists
    call: Call

    @property
    def spot(self) -> Place:
        """Where it happens: the call's own place, or the cell that started it."""
        return self.call.place if self.call.place.cell == self.call.run.cell else self.call.run


def file_events(view: View) -> list[FileEvent]:
    """All uses of files with known paths, in the order of the run."""
    found = []
    for call, uses in view.file_uses:
        for use in uses if call.run.cell else ():
            path = path_of(call, use)
            if path and use.is_sure and "://" not in path:
                found.append(FileEvent(path, use.role, call))
    return found


def derives(view: View, write: FileEvent, read: FileEvent) -> bool:
    """Whether what is written was computed from what was read."""
    result = id(read.call.result)
    handle = write.call.result
    calls = [write.call]
    if handle.type == "io.IOBase":
        calls += [call for call in view.calls if any(_is_over(one, handle) for one in _parts(call))]
    return any(id(one) == result for call in calls for thing in _parts(call) for one in ancestors(thing))


def _parts(call: Call) -> list[Thing]:
    own = [] if call.receiver is None else [call.receiver]
    return [*own, *call.args, *call.keywords.values()]


def _is_over(thing: Thing, handle: Thing) -> bool:
    """The open file itself, or what writes through it: `csv.writer(handle)`."""
    return thing is handle or handle in thing.sources
