"""The code of one cell as it stands in a stage: only the text that must change is changed."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nb2pipe.analysis import CellFacts, Statement
from nb2pipe.notebooks.walking import walked
from nb2pipe.planning import Parameter

from .edits import Edit, apply, between

_KERNEL_FUNCTIONS = {
    "IPython.display.display": "display",
    "IPython.core.display.display": "display",
    "IPython.core.display_functions.display": "display",
    "IPython.display.clear_output": "clear_output",
    "IPython.core.display.clear_output": "clear_output",
}
_SHOWS_NOTHING = frozenset(
    ("print", "plt.show", "pyplot.show", "plt.close", "plt.figure.show", "warnings.filterwarnings")
)
_COMMENT = re.compile(r"#.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are said in one project: names that rewriting puts into the code."""

    kernel: str  # the name under which the kernel module is imported
    passes: Mapping[str, tuple[str, ...]]  # definition -> variables that its calls pass
    kernel_names: Mapping[str, str]  # notebook's name -> function of the kernel module
    is_script: bool = False


def kernel_names(imports: Mapping[str, str], bound: frozenset[str]) -> dict[str, str]:
    """The notebook's names that stand for functions of the kernel: `display`, under whatever name it was imported."""
    found = {
        name: _KERNEL_FUNCTIONS[target] for name, target in imports.items() if target in _KERNEL_FUNCTIONS
    }
    return found if "display" in bound else {"display": "display", **found}


def cell_code(
    cell: CellFacts,
    gone: frozenset[int],
    literals: Mapping[int, tuple[Parameter, ...]],
    dialect: Dialect,
    ends_cell: bool,
) -> str:
    """The cell's code without the statements at the places in `gone`; comments stay."""
    source = cell.lifted.python
    lines = source.split("\n")
    edits = [edit for place in gone for edit in _removal(cell.statements[place], cell, lines)]
    for statement in cell.statements:
        if statement.place not in gone:
            edits += statement_edits(statement, lines, dialect)
    edits += [_literal(parameter, place) for parameter in literals.get(cell.number, ()) for place in parameter.literals
              if place[0] == cell.number]  # fmt: skip
    edits += _shown(cell, gone, dialect)
    code = apply(source, edits).strip("\n").rstrip()
    code = "\n".join(line.rstrip("\x0c") for line in code.split("\n"))
    return f"{code}\n{dialect.kernel}.end_cell()" if ends_cell and code else code


def statement_edits(statement: Statement, lines: list[str], dialect: Dialect) -> list[Edit]:
    """The edits inside one statement: the kernel's names, and what calls of definitions pass on."""
    edits: list[Edit] = []
    for node in walked(statement.node):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id != "__name__" or not _is_in_string(node, statement.node):
                edits += _name_edit(node, dialect)
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in dialect.passes
        ):
            edits.append(_passing(node, dialect.passes[node.func.id], lines))
    return edits


def _is_in_string(name: ast.Name, tree: ast.stmt) -> bool:
    """Whether a name stands in an f-string, whose quotes another text would break."""
    strings = (node for node in walked(tree) if isinstance(node, ast.JoinedStr))
    return any(node is name for string in strings for node in walked(string))


def _name_edit(node: ast.Name, dialect: Dialect) -> Iterator[Edit]:
    text = ""
    if node.id == "__kernel__":
        text = dialect.kernel
    elif node.id == "__name__" and not dialect.is_script:
        text = '"__main__"'
    elif node.id in dialect.kernel_names:
        text = f"{dialect.kernel}.{dialect.kernel_names[node.id]}"
    if text:
        yield Edit(node.lineno, node.col_offset, node.lineno, node.col_offset + len(node.id.encode()), text)


def _passing(node: ast.Call, names: tuple[str, ...], lines: list[str]) -> Edit:
    """`f(a)` -> `f(a, x=x)`."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    last: ast.expr = max(
        [node.func, *node.args, *(keyword.value for keyword in node.keywords)],
        key=lambda one: (one.end_lineno or 0, one.end_col_offset or 0),
    )
    assert last.end_lineno is not None
    assert last.end_col_offset is not None
    end = node.end_col_offset - 1
    gap = _COMMENT.sub("", between(lines, last.end_lineno, last.end_col_offset, node.end_lineno, end))
    text = ", ".join(f"{name}={name}" for name in names)
    if (node.args or node.keywords) and not gap.rstrip().endswith(","):
        text = f", {text}"
    elif node.args or node.keywords:
        text = f" {text}"
    return Edit(node.end_lineno, end, node.end_lineno, end, text)


def _removal(statement: Statement, cell: CellFacts, lines: list[str]) -> Iterator[Edit]:
    """The statement taken away, with its line where it stands alone, else as `pass`."""
    node = statement.node
    column = min([node.col_offset, *(one.col_offset for one in getattr(node, "decorator_list", ()))])
    last_column = node.end_col_offset or 0
    tail = (
        lines[statement.last - 1]
        .encode("utf-8", "surrogatepass")[last_column:]
        .decode("utf-8", "replace")
        .strip()
    )
    if any(
        other is not statement and (other.last == statement.first or other.first == statement.last)
        for other in cell.statements
    ) or tail.startswith(";"):
        yield Edit(statement.first, column, statement.last, last_column, "pass")
        return
    first = _leading_comment(statement, lines) if statement.definition else statement.first
    rest = len(lines[statement.last - 1].encode("utf-8", "surrogatepass"))
    if statement.last < len(lines):
        yield Edit(first, 0, statement.last + 1, 0, "")
    else:
        yield Edit(first, 0, statement.last, rest, "")


def _leading_comment(statement: Statement, lines: list[str]) -> int:
    """The first line of the comment block that stands right above a definition: it moves with it."""
    first = statement.first
    while first > 1 and lines[first - 2].startswith("#"):
        first -= 1
    return first


def definition_source(statement: Statement, cell: CellFacts, dialect: Dialect) -> str:
    """A hoisted definition with the comment above it."""
    lines = cell.lifted.python.split("\n")
    first = _leading_comment(statement, lines)
    edits = statement_edits(statement, lines, dialect)
    node = statement.node
    column = min([node.col_offset, *(one.col_offset for one in getattr(node, "decorator_list", ()))])
    shifted = [
        Edit(e.line - first + 1, e.column, e.last_line - first + 1, e.last_column, e.text) for e in edits
    ]
    tail = (
        lines[statement.last - 1]
        .encode("utf-8", "surrogatepass")[node.end_col_offset or 0 :]
        .decode("utf-8", "replace")
    )
    kept = lines[first - 1 : statement.last]
    if tail.strip().startswith(";"):
        kept[-1] = (
            kept[-1].encode("utf-8", "surrogatepass")[: node.end_col_offset].decode("utf-8", "surrogatepass")
        )
    if column:
        blank = " " * column
        head = kept[statement.first - first]
        kept[statement.first - first] = blank + head.encode("utf-8", "surrogatepass")[column:].decode(
            "utf-8", "surrogatepass"
        )
    text = apply("\n".join(kept), shifted)
    return text[column:] if column else text


def _literal(parameter: Parameter, place: tuple[int, int, int, int, int]) -> Edit:
    _, line, column, last_line, last_column = place
    return Edit(line, column, last_line, last_column, parameter.name)


def _shown(cell: CellFacts, gone: frozenset[int], dialect: Dialect) -> Iterator[Edit]:
    """The last expression of a cell is displayed, as in a notebook."""
    if cell.lifted.is_silent or not cell.statements:
        return
    last = cell.statements[-1]
    node = last.node
    if not isinstance(node, ast.Expr) or last.place in gone or _shows_nothing(node.value, dialect):
        return
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    # A tuple may stand without parentheses: `x, y` must stay one value.
    opening, closing = ("((", "))") if isinstance(node.value, ast.Tuple) else ("(", ")")
    yield Edit(
        node.lineno, node.col_offset, node.lineno, node.col_offset, f"{dialect.kernel}.show_result{opening}"
    )
    yield Edit(node.end_lineno, node.end_col_offset, node.end_lineno, node.end_col_offset, closing)


def _shows_nothing(node: ast.expr, dialect: Dialect) -> bool:
    """Calls that are known to return None, and the kernel's own."""
    if isinstance(node, ast.Await):
        return False
    if not isinstance(node, ast.Call):
        return isinstance(node, ast.Constant) and node.value is None
    if isinstance(node.func, ast.Name):
        return node.func.id in _SHOWS_NOTHING or node.func.id in dialect.kernel_names
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        owner = node.func.value.id
        return owner == "__kernel__" or f"{owner}.{node.func.attr}" in _SHOWS_NOTHING
    return False
