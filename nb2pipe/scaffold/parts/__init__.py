"""The parts, one promise a file."""
