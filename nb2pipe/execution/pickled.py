"""What a pickle holds, told without loading it: two pickles of equal values may differ in what they write down once.

The opcodes are followed with stand-ins for all values, so nothing is imported or called. Whether two texts or numbers were
one object makes no difference; whether two lists were one does. joblib's files have the bytes of arrays between opcodes.
"""

import hashlib
import math
import pickletools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

# What following the opcodes of a file that is no pickle may end in.
_NO_PICKLE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, MemoryError, RecursionError)
_NUMPY_DTYPE = re.compile(r"[<>|=]?([a-zA-Z])(\d+)$")
_DTYPE = ("global", "numpy", "dtype")  # cannot change, and loading one makes another object
_LONG = 1000
_WRAPPER = ("global", "joblib.numpy_pickle", "NumpyArrayWrapper")
Node = Any  # a list of kind and parts for what can change, a tuple for what cannot


def pickle_digest(path: Path) -> str | None:
    """The digest of all pickles in a file; None where it holds something else, or what cannot be told."""
    with path.open("rb") as file:
        if not re.match(rb"\x80[\x02-\x05]", file.peek(2)[:2]):
            return None
        told = []
        try:
            while file.peek(1):
                told.append(_Canon().text(_Machine(file).run()))
        except _NO_PICKLE:
            return None
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


class _Machine:
    """Follows the opcodes of one pickle."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.stack: list[Node] = []
        self.marks: list[int] = []
        self.memo: dict[int, Node] = {}

    def run(self) -> Node:
        for code, argument, _ in pickletools.genops(self.file):
            if code.name == "STOP":
                return self.stack.pop()
            self._step(code.name, argument)
        raise ValueError("no end")

    def _step(self, name: str, argument: Any) -> None:
        if name in _CONSTANTS:
            self.stack.append(("const", _CONSTANTS[name] if argument is None else argument))
        elif name in _ACTS:
            _ACTS[name](self, argument)
        elif name not in ("PROTO", "FRAME"):
            raise ValueError(name)  # buffers and persistent ids lie outside of the file

    def pop_mark(self) -> list[Node]:
        return self._pop_from(self.marks.pop())

    def pop_last(self, count: int) -> list[Node]:
        return self._pop_from(len(self.stack) - count)

    def _pop_from(self, place: int) -> list[Node]:
        items = self.stack[place:]
        del self.stack[place:]
        return items

    def keep(self, place: int) -> None:
        self.memo[place] = self.stack[-1]

    def extend(self, items: list[Node]) -> None:
        self.stack[-1].extend(items)

    def make(self, kind: str, count: int) -> None:
        self.stack.append([kind, *self.pop_last(count)])

    def build(self) -> None:
        state = self.stack.pop()
        self.stack[-1].append(("state", state))
        if _WRAPPER in self.stack[-1][:3]:
            self.stack[-1].append(self._array(_plain_dict(state)))

    def _array(self, state: Mapping[str, Node]) -> Node:
        """The bytes of an array, which joblib writes behind the object that describes it."""
        shape = [item[1] for item in state["shape"][1:]]
        found = _NUMPY_DTYPE.match(str(state["dtype"][2][1][1]))
        if found is None:
            raise ValueError("a structured array")
        if found[1] == "O":
            return _Machine(self.file).run()
        if state.get("numpy_array_alignment_bytes", ("const", None))[1] is not None:
            self.file.read(self.file.read(1)[0])
        size = math.prod(shape) * int(found[2]) * (4 if found[1] == "U" else 1)
        return ("const", hashlib.sha256(self.file.read(size)).hexdigest())


def _plain_dict(node: Node) -> dict[str, Node]:
    items = node[1:]
    return {key[1]: value for key, value in zip(items[::2], items[1::2], strict=True)}


def _push(*made: str) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine.stack.append(list(made))


def _stack_global(machine: _Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(("global", module[1], name[1]))


def _set_item(machine: _Machine, _: Any) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.extend([key, value])


_CONSTANTS: dict[str, Any] = dict.fromkeys(
    "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES"
    " BINBYTES8 UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 NONE".split()
) | {"NEWTRUE": True, "NEWFALSE": False}
_ACTS: dict[str, Callable[[_Machine, Any], Any]] = {
    "MARK": lambda machine, _: machine.marks.append(len(machine.stack)),
    "POP": lambda machine, _: machine.stack.pop(),
    "POP_MARK": lambda machine, _: machine.pop_mark(),
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
    "EMPTY_LIST": _push("list"),
    "EMPTY_DICT": _push("dict"),
    "EMPTY_SET": _push("set"),
    "EMPTY_TUPLE": lambda machine, _: machine.stack.append(("tuple",)),
    "LIST": lambda machine, _: machine.stack.append(["list", *machine.pop_mark()]),
    "DICT": lambda machine, _: machine.stack.append(["dict", *machine.pop_mark()]),
    "TUPLE": lambda machine, _: machine.stack.append(("tuple", *machine.pop_mark())),
    "TUPLE1": lambda machine, _: machine.stack.append(("tuple", *machine.pop_last(1))),
    "TUPLE2": lambda machine, _: machine.stack.append(("tuple", *machine.pop_last(2))),
    "TUPLE3": lambda machine, _: machine.stack.append(("tuple", *machine.pop_last(3))),
    "FROZENSET": lambda machine, _: machine.stack.append(["set", *machine.pop_mark()]),
    "APPEND": lambda machine, _: machine.extend([machine.stack.pop()]),
    "APPENDS": lambda machine, _: machine.extend(machine.pop_mark()),
    "ADDITEMS": lambda machine, _: machine.extend(machine.pop_mark()),
    "SETITEM": _set_item,
    "SETITEMS": lambda machine, _: machine.extend(machine.pop_mark()),
    "GLOBAL": lambda machine, name: machine.stack.append(("global", *name.split(" "))),
    "STACK_GLOBAL": _stack_global,
    "REDUCE": lambda machine, _: machine.make("reduced", 2),
    "NEWOBJ": lambda machine, _: machine.make("reduced", 2),
    "NEWOBJ_EX": lambda machine, _: machine.make("new", 3),
    "BUILD": lambda machine, _: machine.build(),
    "BYTEARRAY8": lambda machine, data: machine.stack.append(["bytearray", ("const", bytes(data))]),
    "PUT": lambda machine, place: machine.keep(place),
    "BINPUT": lambda machine, place: machine.keep(place),
    "LONG_BINPUT": lambda machine, place: machine.keep(place),
    "MEMOIZE": lambda machine, _: machine.keep(len(machine.memo)),
    "GET": lambda machine, place: machine.stack.append(machine.memo[place]),
    "BINGET": lambda machine, place: machine.stack.append(machine.memo[place]),
    "LONG_BINGET": lambda machine, place: machine.stack.append(machine.memo[place]),
}


class _Canon:
    """One text for a stand-in: what can change is numbered, so that sharing is told."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.digests: dict[int, str] = {}  # of tuples whose lists all have their numbers

    def text(self, node: Node) -> str:
        """The text of a value; a long one is told by its digest."""
        if id(node) in self.digests:
            return self.digests[id(node)]
        numbered = len(self.numbers)
        text = self._text(node)
        if len(text) > _LONG:
            text = hashlib.sha256(text.encode()).hexdigest()
        if isinstance(node, tuple) and len(self.numbers) == numbered:
            self.digests[id(node)] = text
        return text

    def _text(self, node: Node) -> str:
        if isinstance(node, list) and node[1:2] != [_DTYPE]:
            if id(node) in self.numbers:
                return f"#{self.numbers[id(node)]}"
            self.numbers[id(node)] = len(self.numbers)
        elif node[0] == "const":
            return f"{type(node[1]).__name__}:{node[1]!r}"
        parts = [self.text(part) if isinstance(part, (list, tuple)) else repr(part) for part in node[1:]]
        return f"{node[0]}({','.join(sorted(parts) if node[0] == 'set' else parts)})"
