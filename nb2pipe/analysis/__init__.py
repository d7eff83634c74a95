"""Notebook -> Facts: what each top-level statement reads, binds, changes and touches."""

from .gather import gather
from .model import CellFacts, Facts, Hazard, ImportedName, Statement

__all__ = ["CellFacts", "Facts", "Hazard", "ImportedName", "Statement", "gather"]
