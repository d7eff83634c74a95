"""Functions and generators in arguments: whether they live on when the call has returned."""

import ast

from nb2pipe.notebooks.walking import children_of

from .names_in_text import called

# Calls that are done with a function or generator argument when they return (pandas, builtins, numpy).
CONSUMERS = frozenset(
    "sorted sort min max sum any all list tuple set frozenset dict join apply applymap transform agg aggregate"
    " sort_values nlargest nsmallest Counter extend update fromiter array apply_along_axis reduce quad minimize"
    " fsolve curve_fit minimize_scalar odeint solve_ivp fmin brentq newton assert_ print len rename_axis mean median timeit".split()
)

# Of these, calls whose result holds what they are given, functions too.
_KEEPERS = frozenset("dict list tuple set frozenset Counter extend update array".split())
_LAZY = CONSUMERS - _KEEPERS | {"map", "filter", "zip", "starmap", "takewhile", "dropwhile", "groupby"}


def outlives(argument: ast.expr, taker: str) -> bool:
    """Whether a function in an argument may live on in the call's result: `dict(f=lambda: x)`, `list([lambda: x])`."""
    if isinstance(argument, ast.Lambda):
        return taker in _KEEPERS or _makes_functions(argument.body)
    is_generator = isinstance(argument, ast.GeneratorExp)
    return _makes_functions(argument.elt if is_generator else argument)  # type: ignore[attr-defined]


def _makes_functions(node: ast.expr) -> bool:
    """Whether the value of an expression may be, or hold, a function or generator that the expression makes."""
    if isinstance(node, (ast.Lambda, ast.GeneratorExp)):
        return True
    if isinstance(node, ast.Call) and called(node) in _LAZY:
        return any(outlives(part, "") for part in [*node.args, *(one.value for one in node.keywords)])
    parts = [one for one in children_of(node) if isinstance(one, (ast.expr, ast.keyword))]
    return any(_makes_functions(one.value if isinstance(one, ast.keyword) else one) for one in parts)
