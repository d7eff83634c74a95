"""Where a run happens: all that two runs of one proof have in common."""

from collections.abc import Callable
from dataclasses import dataclass

from . import processes
from .interpreters import Interpreter
from .processes import Ended
from .records import Controls
from .scratch import Scratch


@dataclass(frozen=True, slots=True)
class Place:
    """A scratch folder, an interpreter, and what is controlled."""

    scratch: Scratch
    python: Interpreter
    controls: Controls
    timeout: float  # seconds that a cell may take
    start: Callable[..., Ended] = processes.run  # starts a pipeline's command
