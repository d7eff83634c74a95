"""Why stages must share a process although each can be a function: some questions have another answer in the next one."""

import ast

from nb2pipe.analysis import Facts
from nb2pipe.notebooks.walking import walked

_LOOKED_AT = frozenset(("print", "hex", "display"))
_SIZES = frozenset(("getsizeof", "__sizeof__"))


def one_process(facts: Facts) -> str:
    """What the notebook asks of the process, else ""; `id(a) == id(b)` and `print(id(a))` are harmless."""
    # Objects of a class without a hash of its own are hashed by their address.
    has_classes = any(isinstance(statement.node, ast.ClassDef) for statement in facts.statements)
    asked = ({"id", "hash"} if has_classes else {"id"}) - facts.bound
    for statement in facts.statements:
        names = statement.use.reads.keys() | statement.use.deferred.keys()
        for name in sorted(asked & names):
            if _keeps_addresses(statement.node, name):
                return f"a number that {name}() gave"
        for node in walked(statement.node):
            if isinstance(node, ast.Attribute) and node.attr in _SIZES:
                return f"the size in memory that .{node.attr} tells"
            if isinstance(node, ast.ImportFrom) and any(one.name in _SIZES for one in node.names):
                return "the size in memory that getsizeof() tells"
    return ""


def _keeps_addresses(statement: ast.stmt, name: str) -> bool:
    harmless: set[int] = set()
    for node in walked(statement):  # parents come before their children
        if isinstance(node, ast.Compare) and not any(
            isinstance(one, (ast.In, ast.NotIn)) for one in node.ops
        ):
            harmless.update(map(id, (node.left, *node.comparators)))
        elif isinstance(node, ast.FormattedValue):
            harmless.add(id(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in _LOOKED_AT:
                harmless.update(map(id, node.args))
            elif node.func.id == name and id(node) not in harmless:
                return True
        elif isinstance(node, ast.Expr):
            harmless.add(id(node.value))
        elif isinstance(node, ast.keyword) and isinstance(node.value, ast.Name) and node.value.id == name:
            return True  # `key=id`
    return False
