"""The code that a stage reaches: its own, and the definitions that it uses."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .runner import Pipeline, Stage

PACKAGE = Path(__file__).resolve().parents[1]
_CLOCK = """now today utcnow time time_ns perf_counter perf_counter_ns monotonic
monotonic_ns process_time localtime gmtime ctime"""
_EXISTS = """exists isfile isdir islink lexists stat lstat getsize getmtime getctime
access is_file is_dir disk_usage"""
_PROCESS = """getpid getppid urandom secrets uuid psutil cpu_count"""
EXISTS = frozenset(_EXISTS.split())
# The result is another one each time, or depends on what is seen nowhere.
CHANGING = {
    "the clock": frozenset(_CLOCK.split()),
    "whether a file exists": EXISTS,
    "the process": frozenset(_PROCESS.split()),
}
_LIBRARIES = """polars pyarrow duckdb sqlite3 sqlalchemy cv2 h5py tables netCDF4 xarray
rasterio osgeo fiona geopandas tensorflow keras pyspark catboost dask vaex datasets
transformers ctypes cffi multiprocessing read_parquet to_parquet
read_feather to_feather read_orc to_orc read_hdf to_hdf HDFStore read_sql
read_sql_query read_sql_table to_sql read_gbq to_gbq scan_csv scan_parquet
sink_parquet save_model load_model"""
# These open files where Python does not see it.
UNSEEN = frozenset(_LIBRARIES.split())
_ANYTHING = frozenset(["urandom", "multiprocessing", "globals"])  # IPython's syntax
_SETTERS = """seed set_state setstate set_rng_state manual_seed rcParams rc rcdefaults
style use set_theme set_style set_context set_palette set set_option options
reset_option option_context set_printoptions seterr set_config filterwarnings
simplefilter catch_warnings warnings set_default_dtype templates renderers getcontext
setcontext localcontext basicConfig setLevel"""
# These set what other code reads from its surroundings.
SETTERS = frozenset(_SETTERS.split())
_BY_NAMES = "globals locals vars dir eval exec getattr setattr query __main__ __dict__"
_BY_NAME = frozenset(_BY_NAMES.split())


class Reach(NamedTuple):
    """What a stage reaches."""

    digest: str
    words: frozenset[str]  # all names in the code

    @property
    def by_name(self) -> bool:
        """Whether any variable may be looked up by its name."""
        return bool(self.words & _BY_NAME)


def of(pipeline: Pipeline, stage: Stage) -> Reach:
    """The code of a stage with the definitions that it uses."""
    return _of(pipeline.package, stage.name, _shape(stage), _text(stage))


def _shape(stage: Stage) -> str:
    lists = stage.inputs, stage.outputs, stage.deletes, stage.params
    return repr((stage.kind, *map(list, lists), stage.ipython))


@functools.cache
def _of(package: str, title: str, shape: str, text: str) -> Reach:
    words = set(_words_of(text))
    whole = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
    whole.update(f"{package} {title} {shape}".encode())
    definitions = _definitions(_read(PACKAGE / "functions.py"))
    found: dict[str, str] = {}
    words.add("")  # what stands between the definitions
    while True:
        wanted = definitions.keys() if words & _BY_NAME else words & definitions.keys()
        used = [name for name in wanted if name not in found]
        if not used:
            break
        for name in used:
            found[name], more = definitions[name]
            words |= more
    for name in sorted(found):
        whole.update(found[name].encode("utf-8", "surrogatepass"))
    return Reach(whole.hexdigest(), frozenset(words))


def handed_on(pipeline: Pipeline, index: int) -> frozenset[str]:
    """The words of functions that earlier stages may have handed on as values."""
    return frozenset().union(
        *(_inner_words(_text(stage)) for stage in pipeline.stages[:index])
    )


def words_of(path: str) -> frozenset[str]:
    """All names in the code of a file."""
    return frozenset(_words_of(_read(Path(path))))


@functools.cache
def runner_digest() -> str:
    """One word for the code that runs the stages."""
    whole = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        whole.update(path.name.encode() + path.read_bytes())
    return whole.hexdigest()


def _text(stage: Stage) -> str:
    suffix = "ipy" if stage.ipython else "py"
    return _read(PACKAGE / "stages" / f"{stage.name}.{suffix}")


@functools.cache
def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


@functools.cache
def _words_of(text: str) -> frozenset[str]:
    try:
        return frozenset(_words(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _ANYTHING


@functools.cache
def _inner_words(text: str) -> frozenset[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _ANYTHING
    own = tree.body[-1:] if tree.body else []
    kinds = ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef
    inner = [n for n in ast.walk(tree) if isinstance(n, kinds) and n not in own]
    return frozenset(word for node in inner for word in _words(node))


def _words(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield from node.name.split(".")
        elif isinstance(node, ast.ImportFrom):
            yield from (node.module or "").split(".")
        elif isinstance(node, ast.Constant) and node.value in ("now", "today"):
            yield node.value  # pandas reads the clock for these


@functools.cache
def _definitions(text: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Name -> text and words of each definition; "" for all that stands between."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    between: list[str] = []
    lines = text.splitlines(keepends=True)
    for node in ast.parse(text).body:
        first = min([node.lineno, *(d.lineno for d in _decorators(node))])
        part = "".join(lines[first - 1 : node.end_lineno])
        names = [getattr(node, "name", "")]
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [one.asname or one.name.partition(".")[0] for one in node.names]
        for name in filter(None, names):
            found[name] = part, frozenset(_words(node))
        if not any(names):
            between.append(part)
    found[""] = "".join(between), frozenset()
    return found


def _decorators(node: ast.AST) -> list[ast.expr]:
    return list(getattr(node, "decorator_list", []))
