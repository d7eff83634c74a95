"""The parts, one promise a file: each module has a PART."""
