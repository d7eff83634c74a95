"""Runs the pipeline and watches what its code does with data, estimators and metrics."""
