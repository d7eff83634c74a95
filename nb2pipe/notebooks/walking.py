"""All nodes of a statement, walked once: many questions are asked of the same tree."""

import ast


def walked(node: ast.AST) -> list[ast.AST]:
    """The nodes of a tree in the order of ast.walk, without the marks for load and store; not to be changed."""
    known: list[ast.AST] | None = node.__dict__.get("_walked")
    if known is None:
        known = node.__dict__["_walked"] = _walk(node)
    return known


def _walk(node: ast.AST) -> list[ast.AST]:
    found = [node]
    for one in found:  # it grows meanwhile
        found += children_of(one)
    return found


def children_of(node: ast.AST) -> list[ast.AST]:
    """The nodes right below a node, in the order of the text, without the marks for load and store."""
    found: list[ast.AST] = []
    attributes = node.__dict__
    for field in _fields(type(node)):
        value = attributes.get(field)
        if value.__class__ is list:
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields that can hold nodes of interest."""
    known = _FIELDS.get(kind)
    if known is None:
        known = _FIELDS[kind] = tuple(field for field in kind._fields if field not in _WITHOUT_NODES)
    return known


_WITHOUT_NODES = frozenset("ctx type_comment kind id attr arg asname module level".split())
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: ()}
