"""Writes the pages in docs/ from what was observed."""
