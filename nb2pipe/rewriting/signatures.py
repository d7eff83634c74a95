"""Signatures of hoisted functions that get variables by keyword; the rest of their text stays as it is."""

from collections.abc import Sequence


def with_keywords(source: str, names: Sequence[str]) -> str:
    """`def f(a):` -> `def f(a, *, x):`, with libcst, since only a concrete tree keeps comments in a signature."""
    import libcst  # 0.1 s to import: only where a signature changes

    module = libcst.parse_module(source if source.endswith("\n") else source + "\n")
    *before, function = module.body
    assert isinstance(function, libcst.FunctionDef)
    parameters = function.params
    added = [libcst.Param(name=libcst.Name(name)) for name in names]
    star = parameters.star_arg
    if not isinstance(star, libcst.Param):
        star = libcst.ParamStar()
    changed = parameters.with_changes(star_arg=star, kwonly_params=[*parameters.kwonly_params, *added])
    body = [*before, function.with_changes(params=changed)]
    return module.with_changes(body=body).code.rstrip("\n")
