"""What a stage function, or a process of its own, cannot be trusted to keep: found by name, with the reason.

`notebook`: the whole notebook must run as one script. `cell`: the cell must run as a script, others need not.
The lists err on the safe side: a hazard costs structure, never the result.
"""

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nb2pipe.notebooks.walking import walked

from .model import Hazard

BUILTINS = frozenset(vars(builtins))

_CALLS = {
    "globals": "looks into the namespace by name",
    "exec": "runs code that is held in a string",
    "eval": "runs code that is held in a string",
    "compile": "makes code from a string",
    "get_type_hints": "looks names up in a module",
}
_CALLS_WITHOUT_ARGUMENTS = {
    "locals": "looks into the namespace by name",
    "vars": "looks into the namespace by name",
    "dir": "lists the names of the namespace",
}
_NAMES = dict.fromkeys(
    ("__builtins__", "__file__", "__doc__", "__package__", "__spec__", "__annotations__", "__loader__"),
    "reads a name that only the main module has",
)
_ATTRIBUTES = {
    "__globals__": "reaches into a function's namespace",
    "__code__": "reaches into a function's code",
    "__closure__": "reaches into a function's closure",
    "__defaults__": "reaches into a function's defaults",
    "__subclasses__": "asks for all subclasses",
    "__traceback__": "keeps a traceback",
    "__enter__": "enters a context by hand",
    "__exit__": "leaves a context by hand",
    "enter_context": "keeps a context open",
    "user_ns": "reaches into the kernel's namespace",
    "register": "registers something with an object that lives in this process",
    "register_dialect": "changes a setting of the csv module",
    "field_size_limit": "changes a setting of the csv module",
    "setlocale": "changes the locale of the process",
    "setfirstweekday": "changes a setting of the calendar module",
    "addHandler": "attaches a log handler",
    "removeHandler": "detaches a log handler",
    "settrace": "traces the interpreter",
    "setprofile": "traces the interpreter",
    "getrefcount": "counts references",
    **dict.fromkeys(("tb_lineno", "f_lineno", "co_firstlineno", "lineno"), "asks for lines of the code"),
    "exc_info": "keeps a traceback",
    "currentframe": "looks at the frames of calls",
    "getclosurevars": "reaches into a function's closure",
    "getouterframes": "looks at the frames of calls",
    "getinnerframes": "looks at the frames of calls",
    "getsource": "reads the text of the code",
    "getsourcelines": "reads the text of the code",
    "getsourcefile": "asks where code stands",
    "getmodule": "asks in which module something was defined",
    "findsource": "reads the text of the code",
    "get_objects": "asks the garbage collector for objects",
    "get_referrers": "asks the garbage collector for objects",
    "get_referents": "asks the garbage collector for objects",
    "extract_tb": "reads tracebacks",
    "extract_stack": "looks at the frames of calls",
    "format_stack": "looks at the frames of calls",
    "print_stack": "looks at the frames of calls",
    "walk_stack": "looks at the frames of calls",
    "format_exc": "reads tracebacks",
    "print_exc": "reads tracebacks",
    "register_series_accessor": "extends a library",
    "register_dataframe_accessor": "extends a library",
    "register_index_accessor": "extends a library",
    "putenv": "sets a variable that only child processes see",
    "setdefaulttimeout": "changes a setting of the process",
    "ExitStack": "keeps a context open",
    "FunctionType": "makes a function from code",
    "reload": "loads a module again",
}
_MODULES = {
    module: f"uses {module}, whose state belongs to one process"
    for module in (
        "weakref ctypes threading multiprocessing contextvars atexit signal socket tracemalloc faulthandler"
        " concurrent mmap resource readline pdb code codeop sysconfig runpy asyncio sched queue selectors"
        " __main__ zipimport pty fcntl cProfile profile"
    ).split()
} | {"dis": "dis asks for lines of the code"}
_KERNEL_MODULES = frozenset("ipykernel IPython ipywidgets traitlets zmq tornado jupyter_client".split())
_KERNEL_WORDS = frozenset(("__IPYTHON__", "ipykernel"))
_SYS_READS = frozenset(
    (
        "version",
        "version_info",
        "path",
        "argv",
        "executable",
        "maxsize",
        "platform",
        "byteorder",
        "float_info",
        "getsizeof",
        "exit",
        "getrecursionlimit",
        "setrecursionlimit",
        "stdout",
        "stderr",
        "stdin",
        "getdefaultencoding",
        "prefix",
    )
)
_UNUSUAL_METHODS = frozenset(
    "__del__ __new__ __reduce__ __reduce_ex__ __getstate__ __setstate__ __getnewargs__ __getattr__ __getattribute__"
    " __init_subclass__ __set_name__ __class_getitem__ __copy__ __deepcopy__ __get__ __set__ __delete__"
    " __instancecheck__ __subclasscheck__ __prepare__ __mro_entries__".split()
)


def hazards_of(statement: ast.stmt, modules: dict[str, str]) -> Iterator[Hazard]:
    """The hazards of one top-level statement; `modules` maps the notebook's names to the modules that they stand for."""
    harmless: set[int] = {id(statement)} if _is_star(statement) else set()
    for node in walked(statement):  # parents come before their children
        if isinstance(node, ast.Compare) and _asks_for_other_module(node, modules):
            harmless.update(map(id, node.comparators))
        check = _CHECKS.get(type(node))
        if check is not None and id(node) not in harmless:
            for reason in check(node, modules):
                is_own = _is_about_own_locals(node, statement)
                yield Hazard("definition" if is_own else "notebook", reason, getattr(node, "lineno", 1))


def _asks_for_other_module(node: ast.Compare, modules: dict[str, str]) -> bool:
    """Whether it is `"torch" in sys.modules` of a module that neither the notebook nor a kernel imports."""
    if not all(isinstance(one, ast.Attribute) and one.attr == "modules" for one in node.comparators):
        return False
    if not (isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)):
        return False
    root = node.left.value.partition(".")[0]
    return root not in _KERNEL_MODULES and root not in {name.partition(".")[0] for name in modules.values()}


def _constant(node: ast.Constant, modules: dict[str, str]) -> Iterator[str]:
    if node.value in _KERNEL_WORDS:
        yield f"{node.value} asks whether a kernel runs"


def _is_about_own_locals(node: ast.AST, statement: ast.stmt) -> bool:
    """`locals()` in a function of its own: it is about that function's variables only."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args):
        return False
    if node.func.id not in _CALLS_WITHOUT_ARGUMENTS:
        return False
    body = statement.body if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) else []
    return any(node is inner for part in body for inner in walked(part))


def _call(node: ast.Call, modules: dict[str, str]) -> Iterator[str]:
    if isinstance(node.func, ast.Name):
        if (reason := _CALLS.get(node.func.id)) or (
            not node.args and (reason := _CALLS_WITHOUT_ARGUMENTS.get(node.func.id))
        ):
            yield f"{node.func.id}() {reason}"
        elif node.func.id in ("setattr", "delattr") and node.args:
            yield from _store(ast.Attribute(value=node.args[0], attr="?", ctx=ast.Store()), modules)
    elif any(isinstance(one, ast.Constant) and one.value == "__main__" for one in node.args):
        yield "__main__ is looked up by name"
    elif _is_basic_config(node) and not {one.arg for one in node.keywords}.isdisjoint(("stream", "handlers")):
        yield "logging.basicConfig() sends the log to a stream of this process"


def _is_basic_config(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "basicConfig"


def _name(node: ast.Name, modules: dict[str, str]) -> Iterator[str]:
    if reason := _NAMES.get(node.id):
        yield f"{node.id}: {reason}"
    elif node.id in _KERNEL_WORDS:
        yield f"{node.id} asks whether a kernel runs"


def _attribute(node: ast.Attribute, modules: dict[str, str]) -> Iterator[str]:
    if reason := _ATTRIBUTES.get(node.attr):
        yield f".{node.attr} {reason}"
    if isinstance(node.value, ast.Name) and modules.get(node.value.id) == "inspect" and node.attr == "stack":
        yield "inspect.stack looks at the frames of calls"
    if not isinstance(node.ctx, ast.Load):
        yield from _store(node, modules)
    elif (
        isinstance(node.value, ast.Name)
        and modules.get(node.value.id) == "sys"
        and node.attr not in _SYS_READS
    ):
        yield f"sys.{node.attr} belongs to one process"


def _store(node: ast.Attribute, modules: dict[str, str]) -> Iterator[str]:
    patched = patch_of(node, modules)
    if patched and (patched in modules.values() or node.attr == "?"):
        yield f"{patched} is set or deleted, and imported under a name of its own"
    if patched.startswith("builtins."):
        yield f"{patched} is set or deleted, which all code sees"
    if node.attr in ("__class__", "__dict__"):
        yield f".{node.attr} is set"


def patch_of(node: ast.Attribute, modules: Mapping[str, str]) -> str:
    """The dotted name of a module's attribute that is set or deleted, else ""."""
    path, owner = [node.attr], node.value
    while isinstance(owner, ast.Attribute):
        path.append(owner.attr)
        owner = owner.value
    if isinstance(owner, ast.Name) and owner.id in modules:
        return ".".join([modules[owner.id], *reversed(path)])
    return ""


def _imported(module: str) -> Iterator[str]:
    root = module.partition(".")[0]
    if root in _MODULES:
        yield _MODULES[root]


def _import(node: ast.Import, modules: dict[str, str]) -> Iterator[str]:
    for alias in node.names:
        yield from _imported(alias.name)


def _import_from(node: ast.ImportFrom, modules: dict[str, str]) -> Iterator[str]:
    if node.level:
        yield "a relative import has no meaning in a notebook"
    # The older ones are what every Python 3 does anyway.
    if node.module == "__future__" and any(alias.name == "annotations" for alias in node.names):
        yield "a __future__ import changes how later cells are compiled"
    if any(alias.name == "*" for alias in node.names):
        yield f"from {node.module} import * brings names that the text does not show"
    for alias in node.names:
        if reason := _ATTRIBUTES.get(alias.name):
            yield f"{alias.name} {reason}"
    yield from _imported(node.module or "")


def _is_star(node: ast.stmt) -> bool:
    """Whether it is `from m import *` that runs for sure; planning deals with it."""
    return isinstance(node, ast.ImportFrom) and not node.level and any(one.name == "*" for one in node.names)


def _scope(node: ast.Global, modules: dict[str, str]) -> Iterator[str]:
    yield f"global {', '.join(node.names)}: a function rebinds a variable of the notebook"


def _class(node: ast.ClassDef, modules: dict[str, str]) -> Iterator[str]:
    for item in node.body:
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) and item.name in _UNUSUAL_METHODS:
            yield f"class {node.name} defines {item.name}"
    if any(keyword.arg == "metaclass" for keyword in node.keywords):
        yield f"class {node.name} has a metaclass"


def _handler(node: ast.ExceptHandler, modules: dict[str, str]) -> Iterator[str]:
    names = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    if any(isinstance(name, ast.Name) and name.id in ("NameError", "UnboundLocalError") for name in names):
        yield "except NameError asks whether a name exists"


def _try(node: ast.Try, modules: dict[str, str]) -> Iterator[str]:
    if node.finalbody and any(isinstance(leaf, (ast.Yield, ast.YieldFrom)) for leaf in walked(node)):
        yield "a generator has a finally block, which runs when the generator is dropped"


_CHECKS: dict[type[ast.AST], Callable[[Any, dict[str, str]], Iterator[str]]] = {
    ast.Call: _call,
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _scope,
    ast.ClassDef: _class,
    ast.ExceptHandler: _handler,
    ast.Try: _try,
}
