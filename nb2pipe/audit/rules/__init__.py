"""One fault a file: what goes wrong and why, a good and a bad example, and the check."""
