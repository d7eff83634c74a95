"""Where a run happens: all that two runs of one proof have in common."""

from dataclasses import dataclass

from .interpreters import Interpreter
from .records import Controls
from .scratch import Scratch


@dataclass(frozen=True, slots=True)
class Place:
    """A scratch folder, an interpreter, and what is controlled."""

    scratch: Scratch
    python: Interpreter
    controls: Controls
    timeout: float  # seconds that a cell may take
