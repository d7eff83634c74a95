"""The runner: it runs the stages of ../pipeline.py. Nothing in here is the notebook's.

Begin to read at runner.py: the rest stores values, carries settings from process to
process, and does what a kernel does.
"""

from .runner import Pipeline, Stage, main

__all__ = ["Pipeline", "Stage", "main"]
