"""A language server: the audit's findings in editors that speak the notebook part of the protocol."""

from .server import serve

__all__ = ["serve"]
