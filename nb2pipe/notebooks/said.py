"""What a piece of IPython syntax says in Python, or why it cannot be said."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """The Python for one magic; `code` is "" where nothing is left to run."""

    code: str = ""
    note: str = ""
    ipython: str = ""  # why only IPython can run it
    session: str = ""  # why the whole notebook must run in one IPython session
    installs: tuple[str, ...] = ()
    has_value: bool = True  # `code` is an expression


@dataclass(frozen=True, slots=True)
class Magic:
    """A magic as it is written: `%name argument`, with the names that the notebook binds (None: not known)."""

    name: str
    argument: str
    names: frozenset[str] | None = None
    body: str = ""
    is_cell: bool = False

    @property
    def shown(self) -> str:
        """The magic as a person names it."""
        return ("%%" if self.is_cell else "%") + self.name


def dropped(note: str, installs: tuple[str, ...] = ()) -> Said:
    """Nothing is left of it, and the user is told."""
    return Said(note=note, installs=installs)
