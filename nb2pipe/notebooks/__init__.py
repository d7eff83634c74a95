"""Text to Notebook: one format a file in `formats/`; and IPython syntax to plain Python, line for line."""

from nb2pipe.notebooks.lifting import lift, lift_all
from nb2pipe.notebooks.model import Cell, Lifted, MagicUse, Notebook, SyntaxFault
from nb2pipe.notebooks.reading import parse, read

__all__ = ["Cell", "Lifted", "MagicUse", "Notebook", "SyntaxFault", "lift", "lift_all", "parse", "read"]
