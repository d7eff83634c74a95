"""Takes a new version into use step by step."""
