"""Evaluates the model again and again: by slice, against simpler ones, on late labels, as it grows old."""
