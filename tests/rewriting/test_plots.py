"""Cells at whose end open figures are shown and closed."""

import pytest
from notebook_files import facts_of

from nb2pipe.rewriting.plots import plotting_cells


@pytest.mark.parametrize(
    ("cells", "drawing"),
    [
        (("import matplotlib.pyplot as plt", "plt.plot([1])", "x = 1"), {2}),
        (("from sklearn.tree import plot_tree", "plot_tree(m)", "print(1)"), {2}),
        (("from pandas.plotting import radviz", "radviz(df, 'c')", "print(1)"), {2}),
        (("import matplotlib.pyplot as plt", "def show():\n    plt.plot([1])", "show()"), {3}),
        (("import json", "json.dumps(1)"), set()),
    ],
)
def test_cells_that_may_draw(cells: tuple[str, ...], drawing: set[int]) -> None:
    assert plotting_cells(facts_of(*cells)) == drawing
