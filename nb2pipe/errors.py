"""What can go wrong in a way that the user can mend, each with the exit code that the contract fixes."""


class Nb2pipeError(Exception):
    """A fault with one clear sentence for the user; never shown as a traceback."""

    exit_code = 70


class InputError(Nb2pipeError):
    """Wrong usage, or an input that cannot be read."""

    exit_code = 2


class RefusedError(Nb2pipeError):
    """The notebook cannot be converted without changing its meaning."""

    exit_code = 3


class EnvironmentFault(Nb2pipeError):
    """The surroundings failed: interpreter, kernel, package, disk, permissions, time."""

    exit_code = 4
