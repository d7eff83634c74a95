"""Figures count by what is drawn: titles, labels, and the data of the artists; never by pixels or layout."""

from __future__ import annotations

from typing import Any

from .hashing import digest

_ROOTS = frozenset({"matplotlib", "mpl_toolkits", "seaborn"})


def content(walker: Any, value: Any, kind: type) -> Any:
    """The digest of a matplotlib or seaborn object; None for anything else."""
    if not any(base.__module__.partition(".")[0] in _ROOTS for base in kind.__mro__):
        return None
    names = {base.__name__ for base in kind.__mro__}
    if isinstance(value, dict):
        return digest(
            kind.__name__, walker.walk({name: dict.__getitem__(value, name) for name in dict.keys(value)})
        )
    if isinstance(value, (list, tuple)):
        return digest(kind.__name__, walker.walk(list(value)))
    for name, reader in _READERS.items():
        if name in names:
            try:
                return digest(kind.__name__, reader(walker, value))
            except Exception:  # an artist of another version: its kind must do
                return walker.opaque(value, f"a {kind.__name__} is compared by its kind only")
    if "Artist" in names or kind.__module__.startswith(("matplotlib.", "seaborn.")):
        figure = getattr(value, "_figure", None)
        if type(figure).__name__ == "Figure":
            return digest(kind.__name__, walker.walk(figure))
    return walker.opaque(value, f"a {kind.__name__} is compared by its kind only")


def _figure(walker: Any, figure: Any) -> str:
    title = figure._suptitle.get_text() if getattr(figure, "_suptitle", None) is not None else None
    texts = [text.get_text() for text in figure.texts]
    return digest(
        title, texts, *(walker.walk(axes) for axes in figure.axes), *map(walker.walk, figure.images)
    )


def _axes(walker: Any, axes: Any) -> str:
    words = [axes.get_title(), axes.get_xlabel(), axes.get_ylabel(), axes.get_xscale(), axes.get_yscale()]
    legend = axes.get_legend()
    words.append([text.get_text() for text in legend.get_texts()] if legend is not None else None)
    artists = [*axes.lines, *axes.collections, *axes.patches, *axes.images, *axes.texts]
    return digest(words, axes.axison, *map(walker.walk, artists), *map(walker.walk, axes.child_axes))


def _line(walker: Any, line: Any) -> str:
    style = [line.get_color(), line.get_linestyle(), line.get_linewidth(), line.get_marker()]
    data = [walker.walk(line.get_xdata(orig=True)), walker.walk(line.get_ydata(orig=True))]
    return digest(*data, walker.walk(style), line.get_label())


def _patch(walker: Any, patch: Any) -> str:
    path = walker.walk(patch.get_path().vertices)
    transform = walker.walk(patch.get_patch_transform().get_matrix())
    return digest(path, transform, walker.walk(patch.get_facecolor()), walker.walk(patch.get_edgecolor()))


def _collection(walker: Any, drawn: Any) -> str:
    paths = [walker.walk(path.vertices) for path in drawn.get_paths()]
    return digest(walker.walk(drawn.get_offsets()), walker.walk(drawn.get_array()), *paths)


def _image(walker: Any, image: Any) -> str:
    return digest(walker.walk(image.get_array()), walker.walk(image.get_extent()))


def _text(walker: Any, text: Any) -> str:
    return digest(text.get_text(), walker.walk(text.get_position()))


def _legend(walker: Any, legend: Any) -> str:
    return digest([text.get_text() for text in legend.get_texts()], legend.get_title().get_text())


def _colormap(walker: Any, colormap: Any) -> str:
    return digest(colormap.name, colormap.N)


def _colorbar(walker: Any, bar: Any) -> str:
    limits = [bar.norm.vmin, bar.norm.vmax, type(bar.norm).__name__, bar.alpha]
    return digest(bar.cmap.name, walker.walk(limits), walker.walk(bar.ax))


_READERS = {
    "Figure": _figure,
    "Axes": _axes,
    "Line2D": _line,
    "Patch": _patch,
    "Collection": _collection,
    "AxesImage": _image,
    "Text": _text,
    "Legend": _legend,
    "Colormap": _colormap,
    "Colorbar": _colorbar,
}
