"""Facts -> VariableGraph: which cell's value flows where, in an order that runs."""

from .ambient import path_of
from .building import build
from .model import AMBIENT, CellNames, Edge, EdgeKind, VariableGraph
from .order import Order, by_counts, by_need, counts_of, is_sure, order_of

__all__ = [
    "AMBIENT",
    "CellNames",
    "Edge",
    "EdgeKind",
    "Order",
    "VariableGraph",
    "build",
    "by_counts",
    "by_need",
    "counts_of",
    "is_sure",
    "order_of",
    "path_of",
]
