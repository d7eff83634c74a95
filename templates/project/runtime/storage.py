"""Values on disk, so that nothing about them changes, or a sentence why not.

Plain pickling is not enough: it copies what belongs to libraries, parts arrays that
share memory, forgets what functions have in common, reorders sets. What cannot be
stored for certain is refused; then the stages that share it run in one process.
"""

from __future__ import annotations

import collections
import io
import itertools
import marshal
import math
import pickle
import sys
import types
import weakref
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, BinaryIO

from . import arrays, loading
from .world import World

if TYPE_CHECKING:
    from .formats import Covers, Reader

# Immutable: nobody asks whether two of them are one object, unless a variable holds one.
_ATOMS = (type(None), bool, int, str, bytes, complex, type(...), type(NotImplemented))
_ITERATORS = {
    type(iter(one))
    for one in ((), [], "", b"", {}, set(), range(0), bytearray(), range(1 << 70))
}
_ITERATORS |= {type(iter(view)) for view in ({}.items(), {}.values())}
_ITERATORS |= {type(reversed([])), type(reversed({})), zip, map, filter, enumerate}
_ITERATORS |= {reversed, type(iter(int, 1)), type(iter(collections.deque()))}
_ITERATORS |= {type(iter(collections.OrderedDict())), type(reversed(range(0)))}
_ITERATORS |= {one for one in vars(itertools).values() if isinstance(one, type)}
_ITERATORS -= {
    itertools.count,
    itertools.repeat,
}  # what they give next is all they hold
_REFUSED: dict[type, str] = {
    **dict.fromkeys(_ITERATORS, "an iterator"),
    **dict.fromkeys((weakref.ref, weakref.ProxyType), "a weak reference"),
    weakref.CallableProxyType: "a weak reference",
    weakref.finalize: "a finalizer",
    types.GeneratorType: "a generator",
    types.CoroutineType: "a coroutine",
    types.AsyncGeneratorType: "an asynchronous generator",
    types.FrameType: "a frame",
    types.TracebackType: "a traceback",
    memoryview: "a view of memory",
}
# A class of the notebook that defines one of these decides itself how it is copied,
# or acts when it is.
_TELLING = [
    "__reduce__",
    "__reduce_ex__",
    "__getstate__",
    "__setstate__",
    "__getnewargs__",
    "__getnewargs_ex__",
    "__del__",
    "__getattr__",
    "__getattribute__",
    "__new__",
    "__copy__",
    "__deepcopy__",
]


# Classes that builtins does not list under their own names.
_BUILTIN_CLASSES = {
    kind: ("library", "types", name)
    for name, kind in vars(types).items()
    if isinstance(kind, type) and kind.__module__ == "builtins"
}
_GENERATED = "dataclasses", "enum", "typing", "collections", "namedtuple_"


_NUMBERS = {kind.__name__: kind for kind in (int, float, complex)}
_HELD_BESIDES = "the __dict__ of an object, which something else holds as well"


class UnstorableError(Exception):
    """A value does not survive storing."""


class _Empty:
    """Stands for a closure's variable that is not bound yet."""


class Pickler(pickle.Pickler):
    """Writes values; `reached` collects the objects that have an identity."""

    def __init__(self, file: BinaryIO, world: World) -> None:
        super().__init__(file, protocol=5)
        self.world = world
        self.reached: dict[int, Any] = {}
        self._cells: dict[int, int] = {}
        self.covers: Covers | None = None  # arrays that lie in another file
        self._identities: dict[int, Any] = {}  # id -> a value, what is written for it
        self._plain: dict[int, Any] = {}
        self._dicts: set[int] = set()  # that were written
        self._own_dicts: set[int] = set()  # of objects, written as their state
        self._verdicts: dict[type, str | None] = {}
        # Numbers and texts that variables hold, by identity; a number that several may
        # hold is written by its place here, since pickle makes a new one each time.
        self.held: dict[int, int | None] = {}

    def persistent_id(self, value: Any) -> Any:
        """How something is named that is not written itself."""
        kind = type(value)
        if kind in _ATOMS or (kind is float and not math.isnan(value)):
            return self._atom(kind, value) if id(value) in self.held else None
        known = self._identities.get(id(value))
        if known is not None:
            return known[1]
        elsewhere = self.covers.named(value) if self.covers is not None else None
        if elsewhere is not None:
            return elsewhere
        named = self._named(kind, value)
        if named is not None:
            self._identities[id(value)] = value, named
            return named
        is_new = id(value) not in self.reached
        if not self.world.is_common(value):
            self.reached[id(arrays.memory(value))] = value
        if kind is set or kind is frozenset:
            return self._set(value)
        if isinstance(value, dict):
            self._check_keys(value)
            self._check_owner(value)
        if kind is dict:
            return None
        if kind is not list and kind is not tuple:
            self._check(kind, value)
            if is_new and self.world.is_own_class(kind):
                self._claim(getattr(value, "__dict__", None))
        return None

    def _atom(self, kind: type, value: Any) -> Any:
        self.reached[id(value)] = value
        place = self.held[id(value)]
        return None if place is None else ("twin", place, kind.__name__, repr(value))

    def _claim(self, own: Any) -> None:
        """An object's own `__dict__` comes along once, as its state."""
        if type(own) is dict:
            if id(own) in self._dicts:
                raise UnstorableError(_HELD_BESIDES)
            self._own_dicts.add(id(own))
            self.reached[id(own)] = own

    def _check_owner(self, value: dict[Any, Any]) -> None:
        is_state = bool(value) and id(value) not in self._dicts
        if id(value) in self._own_dicts and not is_state:
            raise UnstorableError(_HELD_BESIDES)
        self._dicts.add(id(value))

    def _named(self, kind: type, value: Any) -> Any:
        """A name for modules, and for what belongs to them."""
        if kind is float:  # not a number: lists look for it by identity
            known = self.world.reference(value)
            if known is None:
                self.reached[id(value)] = value
            return known or ("nan", len(self._identities))
        if kind is types.ModuleType or issubclass(kind, types.ModuleType):
            return self._module(value)
        if kind is types.CellType:
            if id(value) not in self._cells:
                raise UnstorableError("a variable of a closure, taken out of it")
            self.reached[id(value)] = value
            return "cell", self._cells[id(value)]
        if issubclass(kind, type):
            return self._class(value)
        return self.world.reference(value)

    def _module(self, module: types.ModuleType) -> Any:
        if module is self.world.main:
            return ("main",)
        if sys.modules.get(module.__name__) is not module:
            raise UnstorableError(f"module {module.__name__} was made by hand")
        return "module", module.__name__

    def _class(self, value: type) -> Any:
        found = self.world.reference(value)
        if found is None and self.world.is_own_class(value):
            raise UnstorableError(f"class {value.__qualname__} is defined in a stage")
        return found or _BUILTIN_CLASSES.get(value)

    # -- sets and dictionaries ---------------------------------------------------------

    def _set(self, value: Any) -> Any:
        """Sets come back in the same order: as a list and the way to rebuild them."""
        if not value:
            return None
        items = list(value)
        if len(items) > 1 and any(map(self._hashes_by_address, items)):
            raise UnstorableError("a set whose order goes by memory addresses")
        for item in items:
            self._check_key(item, value)
        for number, rebuild in enumerate(_REBUILD):
            other = rebuild(type(value), items)
            same_order = all(a is b for a, b in zip(other, items))
            if same_order and sys.getsizeof(other) == sys.getsizeof(value):
                if number == 0 and not _is_simple(items):
                    return None  # pickle's own way; it can deal with circles
                named = ("set", type(value) is set, number, items)
                self._identities[id(value)] = value, named
                return named
        raise UnstorableError("a set that would come back in another order")

    def _hashes_by_address(self, item: Any) -> bool:
        if isinstance(item, (tuple, frozenset)):
            return any(map(self._hashes_by_address, item))
        hashed = type(item).__hash__
        if isinstance(item, type):
            return hashed is type.__hash__
        by_address = types.FunctionType, types.BuiltinFunctionType, types.ModuleType
        return hashed is object.__hash__ or isinstance(item, by_address)

    def _check_keys(self, value: dict[Any, Any]) -> None:
        for key in value:
            if type(key) is not str:
                self._check_key(key, value)

    def _check_key(self, key: Any, container: Any) -> None:
        if isinstance(key, tuple):
            for part in key:
                self._check_key(part, ())
        elif self.world.is_own_class(type(key)):
            hashed = type(key).__hash__
            if self.world.is_own_function(hashed):
                raise UnstorableError(
                    f"a key of class {type(key).__name__}, which defines __hash__"
                )
            if container and key not in container:
                raise UnstorableError("a key that changed after it was put in")

    # -- everything else -----------------------------------------------------------------

    def _check(self, kind: type, value: Any) -> None:
        if kind not in self._verdicts:
            self._verdicts[kind] = self._verdict(kind)
        verdict = self._verdicts[kind]
        if verdict:
            raise UnstorableError(verdict)
        if isinstance(value, BaseException):
            self._check_exception(value)

    def _verdict(self, kind: type) -> str | None:
        if kind in _REFUSED:
            return _REFUSED[kind]
        if kind.__name__ in ("lru_cache_wrapper", "_lru_cache_wrapper"):
            return "a function with a cache"
        if issubclass(kind, io.IOBase) and kind not in (io.StringIO, io.BytesIO):
            return "an open file"
        if issubclass(kind, weakref.ref):
            return "a weak reference"
        for base in kind.__mro__:
            if self.world.is_own_class(base):
                told = [name for name in _TELLING if self._defines(base, name)]
                if told:
                    return f"class {base.__name__} defines {told[0]}"
                if self.world.is_own_class(type(base)):
                    return f"class {base.__name__} has a class of its own"
        return None

    def _defines(self, base: type, name: str) -> bool:
        method = vars(base).get(name)
        if method is None:
            return False
        method = getattr(method, "__func__", method)
        made_by = getattr(method, "__module__", None)
        return not str(made_by).startswith(_GENERATED)

    def _check_exception(self, value: BaseException) -> None:
        if value.__traceback__ or value.__cause__ or value.__context__:
            raise UnstorableError("an exception with a traceback or a cause")
        kind = type(value)
        for base in kind.__mro__:
            if self.world.is_own_class(base) and "__init__" in vars(base):
                raise UnstorableError(f"exception {kind.__name__} defines __init__")

    def reducer_override(self, value: Any) -> Any:
        """How objects are taken apart where pickle's own way is not exact."""
        kind = type(value)
        if kind is types.FunctionType:
            is_named = self.world.is_importable(value)
            return NotImplemented if is_named else self._function(value)
        if kind is types.CodeType:
            return marshal.loads, (marshal.dumps(value),)
        if kind is types.MethodType:
            return types.MethodType, (value.__func__, value.__self__)
        return arrays.reduced(value, self._plain, self._copied)

    def _copied(self, original: Any, copy: Any) -> None:
        if self.covers is not None:
            self.covers.copied(original, copy)

    def _function(self, value: types.FunctionType) -> Any:
        """A function of the notebook: code, and the variables that it shares."""
        cells = value.__closure__ or ()
        contents = []
        for cell in cells:
            self._cells.setdefault(id(cell), len(self._cells))
            try:
                contents.append(cell.cell_contents)
            except ValueError:
                contents.append(_Empty)
        names = self.world.names_of(value)
        if names is None:
            raise UnstorableError(f"function {value.__qualname__} is not importable")
        code = marshal.dumps(value.__code__)
        state = (
            (cells, contents, value.__defaults__, value.__kwdefaults__),
            (value.__name__, value.__qualname__, value.__module__, value.__doc__),
            (value.__annotations__, value.__dict__),
        )
        return _make_function, (code, names, cells), state, None, None, _set_function


def _make_function(code: bytes, module: str, cells: Any) -> types.FunctionType:
    if module == "__main__":
        names = vars(sys.modules["__main__"])
    else:
        names = vars(loading.load(module))
    return types.FunctionType(marshal.loads(code), names, None, None, tuple(cells))


def _set_function(function: types.FunctionType, state: Any) -> None:
    (cells, contents, defaults, keyword_defaults), names, (annotations, more) = state
    for cell, content in zip(cells, contents):
        if content is not _Empty:
            cell.cell_contents = content
    function.__defaults__, function.__kwdefaults__ = defaults, keyword_defaults
    function.__name__, function.__qualname__, module, function.__doc__ = names
    function.__module__ = module
    function.__annotations__ = annotations
    function.__dict__.update(more)


def _one_by_one(kind: type, items: list[Any]) -> Any:
    made: Any = set()
    made.update(items)
    return made if kind is set else frozenset(items)


def _as_copy(kind: type, items: list[Any]) -> Any:
    return kind(set(items))


def _as_keys(kind: type, items: list[Any]) -> Any:
    return kind(dict.fromkeys(items))


def _copied_twice(kind: type, items: list[Any]) -> Any:
    return kind(set(dict.fromkeys(items)))


_REBUILD = _one_by_one, _as_copy, _as_keys, _copied_twice


def _is_simple(items: list[Any]) -> bool:
    return all(type(one) in _ATOMS or type(one) is float for one in items)


class Unpickler(pickle.Unpickler):
    """Reads what Pickler wrote, in this process or another."""

    def __init__(self, file: BinaryIO, world: World, reader: Reader | None) -> None:
        super().__init__(file)
        self.world, self.reader = world, reader
        self._made: dict[Any, Any] = {}

    def persistent_load(self, named: Any) -> Any:
        """What stands behind a name."""
        if named[0] == "set":
            key: Any = id(named)
            if key not in self._made:
                _, is_set, number, items = named
                made = _REBUILD[number](set if is_set else frozenset, items)
                self._made[key] = made, named  # the name is kept: its id is the key
            return self._made[key][0]
        if named[0] == "elsewhere" and self.reader is not None:
            if named not in self._made:
                self._made[named] = self.reader.array(named)
            return self._made[named]
        if named[0] == "twin":
            if named not in self._made:
                self._made[named] = _NUMBERS[named[2]](named[3])
            return self._made[named]
        if named[0] in ("nan", "cell"):
            if named not in self._made:
                is_nan = named[0] == "nan"
                self._made[named] = float("nan") if is_nan else types.CellType()
            return self._made[named]
        return self.world.resolve(named)


def dump(
    values: Any,
    file: BinaryIO,
    world: World,
    held: Collection[int] = (),
    covers: Covers | None = None,
) -> dict[int, Any]:
    """Write values; the objects that they reach, by identity, those in `held` too."""
    pickler = Pickler(file, world)
    pickler.covers = covers
    pickler.held = {**dict.fromkeys(held), **_twins(values)}
    try:
        pickler.dump(values)
    except UnstorableError:
        raise
    except RecursionError:
        raise UnstorableError("a value that is nested too deeply") from None
    except Exception as error:  # noqa: BLE001
        raise UnstorableError(f"{type(error).__name__}: {error}") from None
    return pickler.reached


def _twins(values: Any) -> dict[int, int]:
    """The numbers among variables that are written together: others may hold them."""
    mine = values.values() if isinstance(values, dict) and len(values) > 1 else ()
    numbers = dict.fromkeys(id(one) for one in mine if has_identity(one))
    return {key: place for place, key in enumerate(numbers)}


def has_identity(value: Any) -> bool:
    """Whether it is a number of which there can be two equal ones: not a small one."""
    if type(value) is int:
        return not -5 <= value <= 256 and abs(value) < 10**18
    return type(value) in (float, complex)


def load(file: BinaryIO, world: World, reader: Reader | None = None) -> Any:
    """The values of a file; `reader` has the arrays that are not in it."""
    return Unpickler(file, world, reader).load()
