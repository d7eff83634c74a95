"""Changes to a generated project: faults, one kind a function, and rewrites that change nothing.

Each yields projects as {path: text} with one change in them, and where it is.
"""

import ast
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

Files = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One change: which file, what it says now, and in words what was done."""

    kind: str
    path: str
    text: str
    what: str


Maker = Callable[[Files, str], Iterator[Change]]
FAULTS: dict[str, Maker] = {}
REWRITES: dict[str, Maker] = {}
EDITS: dict[str, Maker] = {}


def register(table: dict[str, Maker]) -> Callable[[Maker], Maker]:
    """Enter a maker under its own name."""

    def keep(make: Maker) -> Maker:
        table[make.__name__] = make
        return make

    return keep


def changes(table: Mapping[str, Maker], files: Files, package: str, rng: random.Random) -> list[Change]:
    """All changes of a table that this project allows, in random order."""
    found = [change for make in table.values() for change in make(files, package)]
    rng.shuffle(found)
    return found


# -- places in the stages' code -------------------------------------------------------------------------------------------


def _stages(files: Files, package: str) -> Iterator[tuple[str, str, ast.Module]]:
    """The modules with the notebook's code: path, text, tree."""
    for path, text in sorted(files.items()):
        is_code = path.startswith(f"{package}/stages/") or path == f"{package}/functions.py"
        if is_code and path.endswith(".py") and not path.endswith("__init__.py"):
            yield path, text, ast.parse(text)


def _bodies(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """Lists of statements of the notebook: what stands in functions, else what stands in the script."""
    functions = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    is_script = not functions and not (tree.body and ast.get_docstring(tree))
    yield from [tree.body] if is_script else [node.body for node in functions]


def _statements(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], int]]:
    for body in _bodies(tree):
        for place, node in enumerate(body):
            is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not is_text and not isinstance(node, (ast.Return, ast.Import, ast.ImportFrom)):
                yield body, place


def _replaced(text: str, node: ast.AST, new: str) -> str:
    """The text with the node's source replaced."""
    lines = text.encode().split(b"\n")
    first, last = node.lineno - 1, node.end_lineno - 1  # type: ignore[attr-defined]
    start, end = node.col_offset, node.end_col_offset  # type: ignore[attr-defined]
    head, tail = lines[first][:start], lines[last][end:]
    return b"\n".join([*lines[:first], head + new.encode() + tail, *lines[last + 1 :]]).decode()


def _inner(tree: ast.Module, kind: type[ast.AST]) -> Iterator[ast.AST]:
    for body, place in _statements(tree):
        yield from (node for node in ast.walk(body[place]) if isinstance(node, kind))


def _parts(tree: ast.Module) -> set[int]:
    """Constants that are pieces of an f-string: they have no place of their own."""
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    return {id(part) for node in joined for part in ast.walk(node)}


# -- faults -----------------------------------------------------------------------------------------------------------------


@register(FAULTS)
def constant(files: Files, package: str) -> Iterator[Change]:
    """Another number or text."""
    for path, text, tree in _stages(files, package):
        pieces = _parts(tree)
        for node in _inner(tree, ast.Constant):
            assert isinstance(node, ast.Constant)
            if id(node) in pieces or node.value is None or node.value is Ellipsis:
                continue
            new = _another(node.value)
            yield Change("constant", path, _replaced(text, node, repr(new)), f"{node.value!r} -> {new!r}")


def _another(value: object) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return f"{value}x" if isinstance(value, str) else None


_SWAPPED: dict[type[ast.AST], ast.AST] = {
    ast.Add: ast.Sub(), ast.Sub: ast.Add(), ast.Mult: ast.Add(), ast.Mod: ast.Mult(), ast.Gt: ast.Lt(),
    ast.Lt: ast.Gt(), ast.GtE: ast.Lt(), ast.LtE: ast.Gt(), ast.Eq: ast.NotEq(), ast.NotEq: ast.Eq(),
}  # fmt: skip


@register(FAULTS)
def operator(files: Files, package: str) -> Iterator[Change]:
    """Another operator."""
    for path, text, _ in _stages(files, package):
        count = len(list(_inner(ast.parse(text), ast.operator))) + len(
            list(_inner(ast.parse(text), ast.cmpop))
        )
        for number in range(count):
            tree = ast.parse(text)
            node = [
                one
                for one in _inner(tree, ast.AST)
                if isinstance(one, (ast.BinOp, ast.AugAssign, ast.Compare))
            ]
            if number >= len(node):
                break
            chosen = node[number]
            before = ast.unparse(chosen)
            if isinstance(chosen, ast.Compare):
                new = _SWAPPED.get(type(chosen.ops[0]))
                chosen.ops = [new, *chosen.ops[1:]] if isinstance(new, ast.cmpop) else chosen.ops
            elif isinstance(chosen, (ast.BinOp, ast.AugAssign)):
                found = _SWAPPED.get(type(chosen.op))
                chosen.op = found if isinstance(found, ast.operator) else chosen.op
            after = ast.unparse(chosen)
            if after != before and id(chosen) not in _parts(tree):
                new_text = f"({after})" if isinstance(chosen, ast.BinOp) else after
                yield Change("operator", path, _replaced(text, chosen, new_text), f"{before} -> {after}")


@register(FAULTS)
def dropped_statement(files: Files, package: str) -> Iterator[Change]:
    """A statement less."""
    for path, text, tree in _stages(files, package):
        for body, place in _statements(tree):
            if not _prints(body[place]):
                yield Change(
                    "dropped_statement", path, _replaced(text, body[place], "pass"), ast.unparse(body[place])
                )


@register(FAULTS)
def swapped_statements(files: Files, package: str) -> Iterator[Change]:
    """Two statements in the other order."""
    for path, text, tree in _stages(files, package):
        for body, place in _statements(tree):
            if place + 1 < len(body) and not isinstance(body[place + 1], ast.Return):
                new = _in_other_order(text, body[place], body[place + 1])
                if not (_prints(body[place]) and _prints(body[place + 1])):
                    yield Change("swapped_statements", path, new, ast.unparse(body[place]))


def _in_other_order(text: str, one: ast.stmt, other: ast.stmt) -> str:
    lines = text.split("\n")
    first = lines[_start(one) - 1 : one.end_lineno]
    between = lines[one.end_lineno : _start(other) - 1]
    second = lines[_start(other) - 1 : other.end_lineno]
    return "\n".join([*lines[: _start(one) - 1], *second, *between, *first, *lines[other.end_lineno :]])


def _start(node: ast.stmt) -> int:
    return int(min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))]))


def _prints(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func) == "print"


@register(FAULTS)
def dropped_print(files: Files, package: str) -> Iterator[Change]:
    """A print less."""
    for path, text, tree in _stages(files, package):
        for body, place in _statements(tree):
            if _prints(body[place]):
                yield Change(
                    "dropped_print", path, _replaced(text, body[place], "pass"), ast.unparse(body[place])
                )


@register(FAULTS)
def other_order_of_prints(files: Files, package: str) -> Iterator[Change]:
    """Two prints in the other order."""
    for path, text, tree in _stages(files, package):
        for body in _bodies(tree):
            for one, other in pairwise(body):
                if _prints(one) and _prints(other):
                    yield Change(
                        "other_order_of_prints", path, _in_other_order(text, one, other), ast.unparse(one)
                    )


def _handed_on(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, ast.Name]]:
    """The names that a stage function returns."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.body and isinstance(node.body[-1], ast.Return):
            value = node.body[-1].value
            names = value.elts if isinstance(value, ast.Tuple) else [value]
            yield from ((node, name) for name in names if isinstance(name, ast.Name))


def _first_line(text: str, function: ast.FunctionDef, line: str) -> str:
    """The text with a line before the function's first statement."""
    first = function.body[0]
    lines = text.split("\n")
    indent = " " * first.col_offset
    return "\n".join([*lines[: _start(first) - 1], indent + line, *lines[_start(first) - 1 :]])


@register(FAULTS)
def lost_mutation(files: Files, package: str) -> Iterator[Change]:
    """A changed input is handed on as it was before."""
    for path, text, tree in _stages(files, package):
        for function, name in _handed_on(tree):
            if name.id in {one.arg for one in function.args.args} and "/stages/" in path:
                new = _replaced(text, name, "_kept_before")
                line = f"_kept_before = __import__('copy').deepcopy({name.id})"
                yield Change("lost_mutation", path, _first_line(new, function, line), name.id)


@register(FAULTS)
def copied_alias(files: Files, package: str) -> Iterator[Change]:
    """An output or an input is a copy, so it is nobody's alias any more."""
    for path, text, tree in _stages(files, package):
        if "/stages/" not in path:
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and len(node.args.args) > 1:
                for one in node.args.args:
                    line = f"{one.arg} = __import__('copy').deepcopy({one.arg})"
                    yield Change("copied_alias", path, _first_line(text, node, line), one.arg)
        for _, name in _handed_on(tree):
            new = _replaced(text, name, f"__import__('copy').deepcopy({name.id})")
            yield Change("copied_alias", path, new, name.id)


@register(FAULTS)
def wrong_default(files: Files, package: str) -> Iterator[Change]:
    """Another default of a parameter."""
    path = f"{package}/pipeline.py"
    for node in ast.walk(ast.parse(files[path])):
        if isinstance(node, ast.keyword) and node.arg == "parameters" and isinstance(node.value, ast.Dict):
            for value in node.value.values:
                if isinstance(value, ast.Constant) and isinstance(value.value, (int, float)):
                    new = _replaced(files[path], value, repr(value.value + 1))
                    yield Change("wrong_default", path, new, f"{value.value!r} + 1")


@register(FAULTS)
def lost_stream(files: Files, package: str) -> Iterator[Change]:
    """A stage does not go on with the random numbers of the stage before."""
    for path, text, tree in _stages(files, package):
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and "/stages/" in path:
                for stream in ("random", "numpy.random"):
                    line = f"__import__({stream!r}, fromlist=['seed']).seed(9871)"
                    yield Change("lost_stream", path, _first_line(text, node, line), stream)


@register(FAULTS)
def stale_cache(files: Files, package: str) -> Iterator[Change]:
    """What is kept of a stage is found although a parameter or an input is another."""
    path = f"{package}/runner/cache.py"
    text = files[path]
    spots = {
        "parameters": "{name: self.values[name] for name in sorted(names | set(stage.params))}",
        "inputs": "self._inputs(index, base),\n        ]",
    }
    if all(spot in text for spot in spots.values()):
        without = text.replace(spots["parameters"], "{}").replace(spots["inputs"], "]")
        yield Change("stale_cache", path, without, "parameters and inputs are not in the key")


# -- what changes nothing ---------------------------------------------------------------------------------------------------


@register(REWRITES)
def formatting(files: Files, package: str) -> Iterator[Change]:
    """The same code, written by ast.unparse."""
    for path, text, tree in _stages(files, package):
        new = ast.unparse(tree) + "\n"
        if new != text:
            yield Change("formatting", path, new, "unparsed")


@register(REWRITES)
def moved_imports(files: Files, package: str) -> Iterator[Change]:
    """Imports in another order, or inside the function."""
    for path, text, tree in _stages(files, package):
        imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        if len(imports) > 1 and imports[0].end_lineno + 1 == imports[1].lineno:  # type: ignore[operator]
            yield Change("moved_imports", path, _in_other_order(text, imports[0], imports[1]), "swapped")
        if imports and len(functions) == 1 and "/stages/" in path:
            new = _first_line(text, functions[0], ast.unparse(imports[0]))
            yield Change("moved_imports", path, new, "imported in the function as well")


@register(REWRITES)
def renamed_local(files: Files, package: str) -> Iterator[Change]:
    """Another name for a variable of a comprehension, of an argument, or of a function's inside."""
    for path, text, _ in _stages(files, package):
        count = len([node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.comprehension)])
        for number in range(count):
            tree = ast.parse(text)
            loops = [node for node in ast.walk(tree) if isinstance(node, (ast.ListComp, ast.GeneratorExp))]
            if number < len(loops) and isinstance(loops[number].generators[0].target, ast.Name):
                target = loops[number].generators[0].target
                assert isinstance(target, ast.Name)
                old = target.id
                for node in ast.walk(loops[number]):
                    if isinstance(node, ast.Name) and node.id == old:
                        node.id = f"{old}_renamed"
                yield Change("renamed_local", path, ast.unparse(tree) + "\n", old)


@register(REWRITES)
def split_expression(files: Files, package: str) -> Iterator[Change]:
    """A value gets a name of its own first."""
    for path, text, tree in _stages(files, package):
        for body, place in _statements(tree):
            node = body[place]
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and "/stages/" in path:
                value, indent = ast.unparse(node.value), " " * node.col_offset
                target = ast.unparse(node.targets[0])
                new = f"_step_of_it = {value}\n{indent}{target} = _step_of_it"
                yield Change("split_expression", path, _replaced(text, node, new), target)


@register(EDITS)
def comment(files: Files, package: str) -> Iterator[Change]:
    """A comment more."""
    for path, text, tree in _stages(files, package):
        for body, place in _statements(tree):
            lines = text.split("\n")
            at = _start(body[place]) - 1
            new = [*lines[:at], " " * body[place].col_offset + "# looked at by hand", *lines[at:]]
            yield Change("comment", path, "\n".join(new), "a comment")


@register(EDITS)
def whitespace(files: Files, package: str) -> Iterator[Change]:
    """Blank lines and blanks more."""
    for path, text, tree in _stages(files, package):
        for body, place in _statements(tree):
            lines = text.split("\n")
            at = _start(body[place]) - 1
            yield Change("whitespace", path, "\n".join([*lines[:at], "", *lines[at:]]), "a blank line")


@register(EDITS)
def docstring(files: Files, package: str) -> Iterator[Change]:
    """Another docstring of a stage."""
    for path, text, tree in _stages(files, package):
        if tree.body and ast.get_docstring(tree) and "/stages/" in path:
            yield Change(
                "docstring", path, _replaced(text, tree.body[0], '"""Said another way."""'), "docstring"
            )
