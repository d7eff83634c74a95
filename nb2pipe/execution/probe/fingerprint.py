"""A deep, exact fingerprint of a value: equal values have equal digests in two processes, and looking changes nothing.

Not part of a value here: memory addresses, the module that a notebook's class or function came to stand in, and
sharing between objects (`aliases.py` tells that). What cannot be looked into is named in `reasons`.
"""

from __future__ import annotations

import collections
import contextlib
import copyreg
import functools
import io
import itertools
import math
import struct
import sys
import threading
import types
import warnings
import weakref
from typing import Any, Callable

from . import figures, tables
from .hashing import array_digest, digest

PLAIN = (int, float, bool, str, type(None))
_PLAIN_SET = frozenset(PLAIN)
_ATOMS = (complex, bytes, bytearray, range, slice, type(...), type(NotImplemented))
_CHUNK = 1 << 16
# Filled on first use by the library itself, or (the last) not taken over by its own copies: no part of the value.
_LAZY_ATTRIBUTES = frozenset(
    {"_cache", "_item_cache", "_cacher", "__weakref__", "__dict__", "_deprecated_key_to_warnings"}
)
_CLASS_NOISE = frozenset(
    "__module__ __qualname__ __doc__ __dict__ __weakref__ __annotations__ __annotate__ __annotations_cache__"
    " __annotate_func__ __firstlineno__ __static_attributes__ __slots__ __abstractmethods__ _abc_impl"
    " __slotnames__ __dataclass_fields__ __dataclass_params__ __match_args__ __parameters__ __orig_bases__".split()
)
_BY_NAME = (
    types.BuiltinFunctionType,
    types.MethodWrapperType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
)
_OPAQUE = {
    types.GeneratorType: "a generator cannot be fingerprinted without consuming it",
    types.CoroutineType: "a coroutine cannot be fingerprinted without running it",
    types.AsyncGeneratorType: "an asynchronous generator cannot be fingerprinted without consuming it",
    types.FrameType: "a frame belongs to a running program",
    types.TracebackType: "a traceback belongs to a running program",
    threading.Thread: "a thread belongs to a running program",
    type(threading.RLock()): "a lock that knows its thread has no value to compare",
    weakref.ReferenceType: "a weak reference has no value of its own",
}


class Walker:
    """Walks one value; `own_modules` says where the notebook's classes may stand, `stage_cells` what a stage's closures hold."""

    def __init__(self, is_own: Callable[[str], bool], stage_cells: Callable[[Any], frozenset[str]]) -> None:
        self.is_own = is_own
        self.stage_cells = stage_cells
        self.reasons: dict[str, None] = {}
        self.seen: dict[int, Any] = {}  # id of a table or array -> its columns, block by block
        self._finished: dict[int, tuple[str, Any]] = {}
        self._open: dict[int, int] = {}

    def walk(self, value: Any) -> str:
        """The digest of a value."""
        kind = type(value)
        if kind in _PLAIN_SET:
            return plain(value)
        if kind in _ATOMS:
            return digest(kind.__name__, repr(value))
        key = id(value)
        if key in self._open:
            return f"cycle:{len(self._open) - self._open[key]}"
        if key not in self._finished:
            self._open[key] = len(self._open)
            try:
                found = self._content(value, kind)
            finally:
                del self._open[key]
            self._finished[key] = (found, value)  # keeps it alive, so that its id stays its own
        return self._finished[key][0]

    @property
    def is_at_variable(self) -> bool:
        """Whether what is being looked at is the value itself, not something in it."""
        return len(self._open) == 1

    def opaque(self, value: Any, reason: str) -> str:
        """The digest of what cannot be looked into: its kind."""
        self.reasons[reason] = None
        return digest("opaque", type(value).__name__)

    def items(self, values: Any) -> str:
        """The digest of a run of values, fast where all are plain, or rows of plain ones."""
        steps = range(0, len(values), _CHUNK)
        return digest(len(values), *(self._chunk(values[start : start + _CHUNK]) for start in steps))

    def _chunk(self, chunk: Any) -> str:
        kinds = set(map(type, chunk))
        is_plain = kinds <= _PLAIN_SET
        is_rows = kinds == {tuple} and set(map(type, itertools.chain.from_iterable(chunk))) <= _PLAIN_SET
        if is_plain or is_rows:
            with contextlib.suppress(ValueError):  # an integer too long to be written down
                return digest("plain", repr(list(chunk)))
        return digest("mixed", *map(self.walk, chunk))

    def array(self, value: Any) -> str:
        """The digest of a numpy array's type, shape and values."""
        if value.dtype.hasobject:
            data = (
                self.items(value.ravel().tolist())
                if value.dtype.names is None
                else self.items(value.tolist())
            )
        elif value.ndim:
            self.seen[id(value)] = [tables.blocks(self, value)]
            data = self.seen[id(value)][0][0]
        else:
            data = array_digest(value)
        return digest(
            "ndarray", value.dtype.descr if value.dtype.names else repr(value.dtype), value.shape, data
        )

    def attributes(self, value: Any) -> str:
        """The digest of an object's own attributes and slots, read without the class's code."""
        parts = []
        for name, item in _attributes(value):
            parts += [name, self.walk(item)]
        return digest(*parts)

    def _content(self, value: Any, kind: type) -> str:
        if kind in (list, tuple):
            return digest(kind.__name__, self.items(value))
        if kind is dict:
            return digest("dict", self._pairs(value))
        if kind in (set, frozenset):
            return digest(kind.__name__, *sorted(map(self.walk, value)))
        if kind.__name__ in _KERNEL_KINDS and _is_kernels(kind.__module__):
            return self._kernels(value)
        for part in (self._definition, self._opaque, self._library, self._iterator):
            found = part(value, kind)
            if found is not None:
                return found
        if self.is_own(kind.__module__) and not isinstance(value, type):
            return self._own(value, kind)
        return self._reduced(value, kind)

    def _kernels(self, value: Any) -> str:
        """What a kernel hands out, and a pipeline's stand-in for it."""
        name = kind_of(value)
        if name == "SList":
            return digest(name, self.items(list(value)))
        return digest(name, value.stdout, value.stderr) if name == "CapturedIO" else digest(name)

    def _pairs(self, value: Any) -> str:
        return digest(self.items(list(dict.keys(value))), self.items(list(dict.values(value))))

    def _definition(self, value: Any, kind: type) -> str | None:
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, types.ModuleType):
            return digest("module", value.__name__)
        if isinstance(value, types.MethodType):
            return digest("method", value.__func__.__name__, self.walk(value.__self__))
        if isinstance(value, types.BuiltinMethodType) and not isinstance(
            value.__self__, (types.ModuleType, type(None))
        ):
            return digest("method", value.__name__, self.walk(value.__self__))
        if isinstance(value, _BY_NAME):
            return digest("builtin", value.__name__)
        if isinstance(value, functools._lru_cache_wrapper):
            return digest("cached", self.walk(value.__wrapped__))
        if kind is functools.partial:
            return digest("partial", self.walk(value.func), self.walk(value.args), self.walk(value.keywords))
        if kind in (
            property,
            staticmethod,
            classmethod,
            types.GetSetDescriptorType,
            types.MemberDescriptorType,
        ):
            return digest("descriptor", kind.__name__)
        return None

    def _function(self, value: Any) -> str:
        """A function counts by its name and what it carries; its code may be hoisted or take globals as arguments.

        Of a library's function count the plain values that it closes over: how a table writes its numbers, say.
        """
        if not self.is_own(value.__module__ or "__main__"):
            cells = [one for cell in value.__closure__ or () for one in _plain_content(cell)]
            return digest("function", value.__name__, *map(self.walk, cells))
        parts = ["function", value.__name__, self.walk(value.__defaults__), self.walk(value.__dict__)]
        skipped = self.stage_cells(value)
        for name, cell in zip(value.__code__.co_freevars, value.__closure__ or ()):
            if name not in skipped:
                parts += [name, self._cell(cell)]
        return digest(*parts)

    def _cell(self, cell: Any) -> str:
        try:
            return self.walk(cell.cell_contents)
        except ValueError:
            return "empty"

    def _class(self, value: type) -> str:
        """A notebook's class counts by its name, its bases' names and its data; a library's by its name."""
        if not self.is_own(value.__module__):
            return digest("class", value.__name__)
        parts = ["class", value.__name__, *(base.__name__ for base in value.__bases__)]
        for name, item in list(vars(value).items()):
            if name not in _CLASS_NOISE and not _is_code(item):
                parts += [name, self.walk(item)]
        return digest(*parts)

    def _opaque(self, value: Any, kind: type) -> str | None:
        for one, reason in _OPAQUE.items():
            if issubclass(kind, one):
                return self.opaque(value, reason)
        if ("subprocess", "Popen") in {(base.__module__, base.__name__) for base in kind.__mro__}:
            return self.opaque(value, "a started program has another number in each run")
        if issubclass(kind, io.IOBase) and not issubclass(kind, (io.BytesIO, io.StringIO)):
            try:
                closed = value.closed
            except Exception:  # whatever a broken stream raises
                closed = None
            if closed is True:
                return digest("file", kind.__name__, "closed")
            return self.opaque(value, "an open file cannot be fingerprinted without moving its position")
        return None

    def _library(self, value: Any, kind: type) -> str | None:
        return tables.content(self, value, kind) or figures.content(self, value, kind)

    def _iterator(self, value: Any, kind: type) -> str | None:
        if kind in (types.MappingProxyType, type({}.keys()), type({}.values()), type({}.items())):
            return digest(
                kind.__name__, self.walk(dict(value) if kind is types.MappingProxyType else list(value))
            )
        if kind in (io.BytesIO, io.StringIO):
            if value.closed:
                return digest(kind.__name__, "closed")
            return digest(kind.__name__, self.walk(value.getvalue()), value.tell())
        if kind is logging_record():
            return digest(
                "LogRecord", value.name, value.levelname, self.walk(value.msg), self.walk(value.args)
            )
        if kind is warnings.WarningMessage:  # it also tells file and line, which a pipeline cannot share
            return digest("WarningMessage", self.walk(value.message), self.walk(value.category))
        if kind is _LOCK:
            return digest("lock", value.locked())
        if kind is types.SimpleNamespace:
            return digest("SimpleNamespace", self.walk(vars(value)))
        return None

    def _own(self, value: Any, kind: type) -> str:
        """An object of a class of the notebook: none of the class's code is called."""
        parts = ["own", kind.__name__, self.attributes(value)]
        if isinstance(value, BaseException):
            parts.append(self.walk(BaseException.__getattribute__(value, "args")))
        for base, view in _BUILTIN_CONTENT.items():
            if isinstance(value, base):
                return digest(*parts, self.walk(view(value)))
        if _solid_base(kind) not in (object, BaseException) and not isinstance(value, BaseException):
            parts.append(self._reduced(value, kind))
        return digest(*parts)

    def _reduced(self, value: Any, kind: type) -> str:
        """What the object tells about its own state: what pickle and copy would take."""
        try:
            if kind in copyreg.dispatch_table:
                reduced = copyreg.dispatch_table[kind](value)
            else:
                reduced = value.__reduce_ex__(4)
        except RecursionError:
            raise
        except Exception as error:  # whatever the library raises
            return self.opaque(value, f"a {kind.__name__} does not tell its state ({type(error).__name__})")
        if isinstance(reduced, str):
            return digest(kind.__name__, reduced)
        make, arguments, *rest = reduced[:5]
        state, *items = rest or [None]
        listed = [list(part) if part is not None else None for part in items]
        return digest(
            kind.__name__, self.walk(make), self.walk(arguments), self._state(state), *map(self.walk, listed)
        )

    def _state(self, state: Any) -> str:
        """A state without what the library fills on first use; an empty one is none."""
        if type(state) is dict and not _LAZY_ATTRIBUTES.isdisjoint(state):
            state = {name: item for name, item in state.items() if name not in _LAZY_ATTRIBUTES}
        return self.walk(state if type(state) is not dict or state else None)


_KERNEL_KINDS = {"Lines": "SList", "SList": "SList", "Captured": "CapturedIO", "CapturedIO": "CapturedIO"}
_KERNEL_KINDS["DisplayHandle"] = "DisplayHandle"


def _is_kernels(module: str) -> bool:
    """Whether IPython's classes stand in a module, or a pipeline's stand-ins for them."""
    return module.endswith(("IPython.utils.text", ".capture", ".display_functions")) or _is_runners(module)


def _is_runners(module: str) -> bool:
    return ".runner." in module


def kind_of(value: Any) -> str:
    """The name of a value's class; the kernel's own classes and their stand-ins have one name."""
    name = type(value).__name__
    return _KERNEL_KINDS.get(name, name) if _is_runners(type(value).__module__) else name


def plain(value: Any) -> str:
    """The token of a number, a text or None; exact, with every NaN alike."""
    kind = type(value)
    if kind is int:
        return "int:" + hex(value)
    if kind is float:
        return "float:nan" if math.isnan(value) else "float:" + value.hex()
    if kind is str:
        return "str:" + value if len(value) < 64 else digest("str", value)
    return repr(value)


def _attributes(value: Any) -> Any:
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        own = {}
    if isinstance(own, dict):
        for name, item in list(dict.items(own)):
            if name not in _LAZY_ATTRIBUTES:
                yield name, item
    for base in type(value).__mro__:
        for name, descriptor in vars(base).items():
            if isinstance(descriptor, types.MemberDescriptorType) and name not in _LAZY_ATTRIBUTES:
                try:
                    yield name, descriptor.__get__(value, type(value))
                except AttributeError:
                    yield name, _UNSET


_CODE: tuple[type, ...] = (types.FunctionType, staticmethod, classmethod, property, functools.cached_property)
_CODE = (*_CODE, types.MemberDescriptorType, types.GetSetDescriptorType)


def _plain_content(cell: Any) -> list[Any]:
    with contextlib.suppress(ValueError):  # not bound yet
        if isinstance(cell.cell_contents, (str, bytes, int, float, complex)):
            return [cell.cell_contents]
    return []


def _is_code(item: Any) -> bool:
    return isinstance(item, _CODE)


def _solid_base(kind: type) -> type:
    """The nearest base whose instances hold state that Python attributes do not show."""
    for base in kind.__mro__:
        if not base.__flags__ & (1 << 9):  # Py_TPFLAGS_HEAPTYPE: made by a class statement
            return base
    return object


def holds_attributes_only(kind: type) -> bool:
    """Whether all that an instance holds are its attributes."""
    return _solid_base(kind) is object


def logging_record() -> Any:
    """The class of log records, where logging is in use."""
    return getattr(sys.modules.get("logging"), "LogRecord", None)


_LOCK = type(threading.Lock())
_UNSET = ("<unset>",)
_BUILTIN_CONTENT: dict[type, Callable[[Any], Any]] = {
    int: lambda value: int.__add__(value, 0),
    float: lambda value: struct.pack("<d", float.__float__(value)),
    complex: lambda value: repr(complex.__add__(value, 0)),
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    bytearray: lambda value: bytes(bytearray.__getitem__(value, slice(None))),
    tuple: lambda value: list(tuple.__iter__(value)),
    list: lambda value: list(list.__iter__(value)),
    dict: lambda value: [list(dict.keys(value)), list(dict.values(value))],
    set: lambda value: frozenset(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    collections.deque: lambda value: [list(collections.deque.__iter__(value)), value.maxlen],
}
