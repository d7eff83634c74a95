"""What is expected of each source that the pipeline reads."""
