"""Names are made by `globals()[...] =`, `exec` or `setattr` on the module.

No reader and no tool can tell where they come from.
"""

import ast
from collections.abc import Iterator

from nb2pipe.analysis.opening import is_namespace, is_own_module
from nb2pipe.analysis.tracing import Call, Thing
from nb2pipe.audit.model import Finding, Rule, Severity, Spot, View, cells
from nb2pipe.audit.rules.runs_other_file import is_of_file

RULE = Rule(
    "NB803",
    "creates-names-dynamically",
    Severity.INFO,
    message="{what} makes names that the text does not show",
    hint="keep the values in a dictionary",
)
GOOD = [
    cells("x = 1", "print(x)"),
    cells("table = {f'part_{i}': i for i in range(3)}", "print(eval('1 + 1'))"),
    cells("space = {}\nexec('x = 1', space)", "print(space['x'])"),
]
BAD = [(cells("exec('x = 1')", "print(x)"), ["1:1 `exec` makes names that the text does not show"])]
ASKED = frozenset("globals locals vars setattr get_ipython sys __main__ builtins".split())
NAMESPACES = ("globals", "locals", "vars")


def check(view: View) -> Iterator[Finding]:
    """The first such place of each cell."""
    spaces = {
        target.id
        for one in view.facts.statements
        if isinstance(one.node, ast.Assign) and is_namespace(one.node.value)
        for target in one.node.targets
        if isinstance(target, ast.Name)
    }
    asked = ASKED | spaces
    for cell in view.cells:
        found = min(
            (
                (node.lineno, node.col_offset + 1, what)
                for one in cell.statements
                for node, what in (_makers(one.node, spaces) if asked & one.use.reads.keys() else ())
            ),
            default=None,
        )
        for call in view.by_name.get("setattr", ()) if found is None else ():
            first = call.argument(0)
            if call.place.cell == cell.number and first is not None and _is_own_module(first):
                found = (call.place.line, call.place.column, "`setattr` on the module")
        exec_call = next(
            (call for call in view.by_name.get("exec", ()) if call.place.cell == cell.number), None
        )
        if (
            found is None
            and exec_call is not None
            and not is_of_file(exec_call)
            and _may_bind(exec_call.given.get(0))
            and not _has_own_space(exec_call)
        ):
            found = (exec_call.place.line, exec_call.place.column, "`exec`")
        if found is not None:
            yield RULE.at(Spot(cell.number, *found[:2]), what=found[2])


def _makers(statement: ast.stmt, spaces: set[str]) -> Iterator[tuple[ast.expr, str]]:
    for node in ast.walk(statement):
        match node:
            case ast.Subscript(value=ast.Call(func=ast.Name(id=space)), ctx=ast.Store()) if (
                space in NAMESPACES
            ):
                yield node, f"`{space}()[...] =`"
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Call(func=ast.Name(id=space), args=[]),
                    attr="update" | "setdefault" | "__setitem__",
                )
            ) if space in NAMESPACES:
                yield node, f"`{space}().update`"
            case ast.Call(func=ast.Name(id="setattr"), args=[module, *_]) if is_own_module(module):
                yield node, "`setattr` on the module"
            case ast.Attribute(value=ast.Name(id="__main__" | "builtins" as module), ctx=ast.Store()):
                yield node, f"setting an attribute of `{module}`"
            case ast.Subscript(value=ast.Attribute() as space, ctx=ast.Store()) if is_namespace(space):
                yield node, f"`{ast.unparse(space)}[...] =`"
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()) if name in spaces:
                yield node, f"`{name}[...] =`, which is `globals()`,"
            case ast.Call(func=ast.Attribute(attr="push", value=ast.Call(func=ast.Name(id="get_ipython")))):
                yield node, "`get_ipython().push`"
            case _:
                pass


def _is_own_module(thing: Thing) -> bool:
    """`sys.modules["__main__"]` under a name."""
    is_looked_up = thing.origin in ("sys.modules.__getitem__", "importlib.import_module")
    return is_looked_up and thing.sources[-1].const == "__main__"


def _has_own_space(call: Call) -> bool:
    """Whether `exec` is given a dictionary that is not the notebook's."""
    space = call.argument(1, "globals")
    return space is not None and space.origin not in ("globals", "locals", "vars", ".user_ns")


def _may_bind(code: object) -> bool:
    """Whether the code of an exec binds a name, as far as the text tells."""
    if not isinstance(code, str):
        return True
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return True
    return any(not isinstance(node, ast.Expr) for node in tree.body)
