"""Notebook -> what in it works only by luck."""

from nb2pipe import graph

__all__ = ["graph"]
