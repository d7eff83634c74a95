"""A matplotlib backend that draws into files of the run's folder.

Figures show as a notebook shows them: all that a cell drew are saved and closed when
it ends. matplotlib loads this module under the name of a kernel's own backend.
"""

from __future__ import annotations

import io
import sys
from typing import Any

import matplotlib
from matplotlib import _pylab_helpers
from matplotlib.backends import backend_agg
from matplotlib.figure import Figure

from . import kernel

INLINE = "matplotlib_inline.backend_inline"
BACKEND = f"module://{INLINE}"
FigureCanvas = backend_agg.FigureCanvasAgg


class _Drawn:
    """Whether a figure was made since the last cell ended."""

    flag = False


def new_figure_manager(num: Any, *args: Any, **kwargs: Any) -> Any:
    """matplotlib asks its backend for this."""
    make = kwargs.pop("FigureClass", Figure)
    return new_figure_manager_given_figure(num, make(*args, **kwargs))


def new_figure_manager_given_figure(num: Any, figure: Any) -> Any:
    """matplotlib asks its backend for this."""
    manager = backend_agg.new_figure_manager_given_figure(num, figure)
    if matplotlib.is_interactive():
        _Drawn.flag = True
    return manager


def show(*args: Any, **kwargs: Any) -> None:
    """Save all open figures and close them."""
    managers = _pylab_helpers.Gcf.get_all_fig_managers()
    for manager in managers:
        kernel.display(manager.canvas.figure)
    if managers:
        sys.modules["matplotlib.pyplot"].close("all")


def switch_on() -> None:
    """What `%matplotlib inline` does to pyplot."""
    from matplotlib import pyplot

    sys.modules[INLINE] = sys.modules[__name__]
    matplotlib.interactive(True)
    matplotlib.rcParams["backend"] = BACKEND
    pyplot.switch_backend(BACKEND)
    matplotlib.interactive(True)


def set_matplotlib_formats(*formats: Any, **options: Any) -> None:
    """How figures look in a notebook is no part of the result."""


set_matplotlib_close = configure_inline_support = set_matplotlib_formats


def is_active() -> bool:
    """Whether pyplot draws through this module; IPython's own magic may say so shortly."""
    return dict.__getitem__(matplotlib.rcParams, "backend") in (BACKEND, "inline")


def flush() -> None:
    """At a cell's end: show what was drawn, where figures show inline."""
    if _Drawn.flag and is_active():
        _Drawn.flag = False
        show()


def picture(value: Any) -> dict[str, bytes]:
    """The picture of a figure, by its suffix; nothing for other values."""
    if not kernel.is_inline() or not isinstance(value, Figure):
        return {}
    if not (value.axes or value.lines or value.texts or value.images or value.patches):
        return {}
    from matplotlib.backend_bases import FigureCanvasBase

    if value.canvas is None:
        FigureCanvasBase(value)
    buffer = io.BytesIO()
    value.canvas.print_figure(
        buffer,
        format="png",
        facecolor=value.get_facecolor(),
        edgecolor=value.get_edgecolor(),
        dpi=value.dpi,
        bbox_inches="tight",
    )
    return {"png": buffer.getvalue()}


if kernel.is_inline():  # loaded by pyplot, because MPLBACKEND says so
    matplotlib.interactive(True)
