"""Literals that a person would change become parameters: constants, the tagged cell, `#@param`, paths of input files."""

import ast
import builtins
import itertools
import keyword
import math
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from nb2pipe.analysis import CellFacts, Facts, Statement
from nb2pipe.notebooks.walking import walked

from .model import Parameter, Scalar

_READERS = frozenset(
    "read_csv read_excel read_json read_parquet read_table read_feather read_pickle read_hdf read_stata read_sas"
    " read_fwf read_orc read_xml loadtxt genfromtxt imread".split()
)
# Names in small letters that mean a setting wherever they are bound to a literal once.
_SETTINGS = frozenset(
    "seed random_seed random_state rng_seed test_size train_size val_size valid_size validation_size n_splits n_folds"
    " num_folds n_clusters n_estimators n_components n_neighbors max_depth max_iter n_iter epochs n_epochs num_epochs"
    " batch_size learning_rate threshold start_date end_date from_date to_date data_path data_dir data_folder"
    " file_path filepath file_name filename csv_path csv_file input_path input_file output_path output_dir url"
    " data_url".split()
)
_FORM_PARAMETER = re.compile(r"#\s*@param\b")


def parameters(
    facts: Facts, counts: Mapping[str, int], scripts: Collection[int] = ()
) -> tuple[Parameter, ...]:
    """The parameters of a notebook, in document order.

    `counts` tells how many statements bind each name; the text of the cells in `scripts` stays as it is.
    """
    constants = [
        one for cell in facts.cells if cell.number not in scripts for one in _constants(cell, counts)
    ]
    taken = facts.bound | {one.name for one in constants} | set(keyword.kwlist) | vars(builtins).keys()
    return (*constants, *_paths(facts, taken, scripts))


def _constants(cell: CellFacts, counts: Mapping[str, int]) -> Iterator[Parameter]:
    tagged = "parameters" in cell.lifted.cell.tags
    lines = cell.lifted.cell.source.split("\n")
    for statement in cell.statements:
        node = statement.node
        target, value = _assignment(node)
        if target is None or value is None or counts.get(target) != 1:
            continue
        literal = scalar(value)
        comment = _comment(lines, statement)
        wanted = target.isupper() or target in _SETTINGS or tagged or bool(_FORM_PARAMETER.search(comment))
        if wanted and not target.startswith("_") and literal is not NOTHING:
            text = comment.lstrip("# ").strip() if not _FORM_PARAMETER.search(comment) else ""
            yield Parameter(target, literal, text, statement=(statement.cell, statement.place))  # type: ignore[arg-type]


def _assignment(node: ast.stmt) -> tuple[str | None, ast.expr | None]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    return None, None


NOTHING = object()


def scalar(node: ast.expr) -> Scalar | object:
    """The value of an immutable literal, or NOTHING."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = scalar(node.operand)
        return -value if isinstance(value, (int, float)) and not isinstance(value, bool) else NOTHING
    if not isinstance(node, ast.Constant):
        return NOTHING
    value = node.value
    if isinstance(value, str):
        return value if value.isprintable() and len(value) <= 200 else NOTHING
    if isinstance(value, float):
        return value if math.isfinite(value) else NOTHING
    if isinstance(value, bool) or value is None:
        return value
    return value if isinstance(value, int) and abs(value) < 10**18 else NOTHING


def _comment(lines: list[str], statement: Statement) -> str:
    if statement.last > len(lines) or statement.node.end_col_offset is None:
        return ""
    rest = lines[statement.last - 1].encode("utf-8", "surrogatepass")[statement.node.end_col_offset :]
    text = rest.decode("utf-8", "replace").strip()
    return text if text.startswith("#") else ""


def _paths(facts: Facts, taken: frozenset[str] | set[str], scripts: Collection[int]) -> Iterator[Parameter]:
    """Paths that only calls which read a file mention: to change one changes nothing but what is read."""
    found: dict[str, list[tuple[int, int, int, int, int]]] = {}
    others: set[str] = set()
    for statement in facts.statements:
        readers = _reader_literals(statement) if statement.cell not in scripts else set()
        for node in walked(statement.node):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if id(node) in readers:
                    place = (
                        statement.cell,
                        node.lineno,
                        node.col_offset,
                        node.end_lineno,
                        node.end_col_offset,
                    )
                    found.setdefault(node.value, []).append(place)  # type: ignore[arg-type]
                else:
                    others.add(node.value)
    used, elsewhere = set(taken), "\0".join(others)
    for path, places in found.items():
        if path.isprintable() and path.strip() and path not in elsewhere:
            name = _path_name(path, used)
            used.add(name)
            yield Parameter(name, path, "read by the notebook", literals=tuple(places))


def _reader_literals(statement: Statement) -> set[int]:
    if statement.definition or not isinstance(
        statement.node, (ast.Assign, ast.Expr, ast.AugAssign, ast.AnnAssign)
    ):
        return set()
    readers = {
        id(node.args[0])
        for node in walked(statement.node)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _READERS
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }
    for node in walked(statement.node) if readers else ():
        if isinstance(node, (ast.Lambda, ast.JoinedStr)):
            readers.difference_update(map(id, walked(node)))
    return readers


def _path_name(path: str, taken: set[str]) -> str:
    last = PurePosixPath(path.replace("\\", "/").partition("?")[0]).name or "path"
    name = re.sub(r"\W+", "_", last.lower(), flags=re.ASCII).strip("_") or "path"
    name = f"file_{name}" if name[0].isdigit() else name
    numbered = (f"{name}_{number}" for number in range(2, 1000))
    candidates = itertools.chain((name, f"{name}_path"), numbered)
    return next(one for one in candidates if one not in taken)
