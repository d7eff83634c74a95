"""Which cells may draw: at their end a kernel shows the open figures and closes them."""

import ast

from nb2pipe.analysis import Facts, ImportedName, Statement
from nb2pipe.notebooks.walking import walked

_LIBRARIES = frozenset(
    "matplotlib seaborn pylab scikitplot mlxtend yellowbrick missingno wordcloud shap statsmodels mglearn graphviz"
    " plotnine squarify cartopy geopandas skimage lifelines xgboost lightgbm pandas_profiling sweetviz".split()
)
_METHODS = frozenset(
    "plot hist boxplot scatter bar barh pie imshow contour contourf fill_between scatter_matrix plot_tree"
    " plot_importance legend set_title set_xlabel set_ylabel add_subplot add_axes plot_acf plot_pacf plot_diagnostics"
    " from_estimator from_predictions savefig display axhline axvline".split()
)


def plotting_cells(facts: Facts) -> frozenset[int]:
    """Numbers of the cells that use a plotting library, a drawing method, or a function that does."""
    imports = {one.name for s in facts.statements for one in s.imports if _is_about_plots(one)}
    if not imports and not any(_draws(statement, set()) for statement in facts.statements):
        return frozenset()
    drawing = set(imports)
    cells: set[int] = set()
    while True:
        before = len(drawing)
        for statement in facts.statements:
            if not statement.is_import and _draws(statement, drawing):
                if statement.definition:
                    drawing.add(statement.definition)
                else:
                    cells.add(statement.cell)
                    drawing |= _figures(statement)
        if len(drawing) == before:
            return frozenset(cells)


def _is_about_plots(one: ImportedName) -> bool:
    """Whether it is a plotting library, or says so: `from sklearn.tree import plot_tree`, `import pandas.plotting`."""
    return one.root in _LIBRARIES or "plot" in one.module.lower() or "plot" in one.attribute.lower()


def _draws(statement: Statement, drawing: set[str]) -> bool:
    use = statement.use
    if not drawing.isdisjoint(use.reads) or not drawing.isdisjoint(use.deferred):
        return True
    return any(isinstance(node, ast.Attribute) and node.attr in _METHODS for node in walked(statement.node))


def _figures(statement: Statement) -> set[str]:
    """Names that hold figures or axes: `fig, ax = plt.subplots()`."""
    node = statement.node
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        function = node.value.func
        if isinstance(function, ast.Attribute) and function.attr in (
            "subplots",
            "figure",
            "gca",
            "gcf",
            "add_subplot",
            "axes",
        ):
            return set(statement.use.binds)
    return set()
