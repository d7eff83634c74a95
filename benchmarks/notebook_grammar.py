"""Random notebooks that run in a clean kernel by construction, in the manner of Csmith: weighted productions that compose.

Every production knows what is bound and of which kind, and writes statements that cannot fail: indices are taken
modulo lengths, lists never become empty, files are read only when they were written. The last cell prints a deep
summary of every variable, of who is whose alias, and of the next number of each random stream.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any


@dataclass(slots=True)
class Scope:
    """What is bound so far, by kind, and the stream that decides."""

    rng: random.Random
    kinds: dict[str, str] = field(default_factory=dict)  # variable -> kind
    bound: dict[str, str] = field(default_factory=dict)  # by the production that is being written
    imports: set[str] = field(default_factory=set)
    needed: list[str] = field(default_factory=list)  # imports that the next cell must begin with
    functions: dict[str, int] = field(default_factory=dict)  # name -> number of int arguments
    files: list[str] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)
    count: int = 0

    def new(self, kind: str, prefix: str = "v") -> str:
        """A fresh name, or an old one that is rebound."""
        old = self.of(kind)
        if old and self.rng.random() < 0.25:
            return self.rng.choice(old)
        return self.fresh(prefix)

    def fresh(self, prefix: str) -> str:
        """A name that nothing has yet."""
        self.count += 1
        return f"{prefix}{self.count}"

    def bind(self, name: str, kind: str) -> str:
        """The name, bound to this kind as soon as the production is written."""
        self.bound[name] = kind
        return name

    def settle(self) -> None:
        """What was bound can be used."""
        self.kinds |= self.bound
        self.bound = {}

    def of(self, kind: str) -> list[str]:
        """The variables of a kind."""
        return [name for name, one in self.kinds.items() if one == kind]

    def one(self, kind: str) -> str:
        """One of them."""
        return self.rng.choice(self.of(kind))

    def need(self, line: str) -> None:
        """An import that must stand before the next statements."""
        if line not in self.imports:
            self.imports.add(line)
            self.needed.append(line)

    def number(self, low: int = 1, high: int = 9) -> int:
        """A small number."""
        return self.rng.randint(low, high)


@dataclass(frozen=True, slots=True)
class Production:
    """A way to write statements: how likely it is, and of which kinds it needs a variable."""

    name: str
    weight: float
    needs: tuple[str, ...]
    write: Callable[[Scope], list[str]]
    alone: bool = False  # its lines are a whole cell


@dataclass(frozen=True, slots=True)
class Written:
    """A notebook's cells, and which productions wrote them."""

    cells: tuple[str, ...]
    used: Counter[str]


MARKDOWN = "#md "  # begins a cell of markdown
PRODUCTIONS: list[Production] = []


def production(weight: float, *needs: str, alone: bool = False) -> Callable[[Any], Any]:
    """Register a function as a production."""

    def keep(write: Callable[[Scope], list[str]]) -> Callable[[Scope], list[str]]:
        PRODUCTIONS.append(Production(write.__name__, weight, needs, write, alone))
        return write

    return keep


def integer(scope: Scope, depth: int = 2) -> str:
    """An expression that is an int."""
    rng, choices = scope.rng, ["literal"]
    choices += ["name"] * 3 * bool(scope.of("int"))
    if depth:
        choices += ["sum"] * 2 + ["item"] * bool(scope.of("list")) + ["length"] * bool(scope.of("dict"))
        choices += ["call"] * 2 * bool(scope.functions) + ["attribute"] * bool(scope.of("object"))
        choices += ["total"] * bool(scope.of("frame")) + ["element"] * bool(scope.of("array"))
    match rng.choice(choices):
        case "name":
            return scope.one("int")
        case "sum":
            return f"({integer(scope, depth - 1)} {rng.choice('+-*')} {integer(scope, depth - 1)}) % 997"
        case "item":
            name = scope.one("list")
            return f"{name}[{integer(scope, depth - 1)} % len({name})]"
        case "length":
            return f"len({scope.one('dict')})"
        case "call":
            name = rng.choice(list(scope.functions))
            return f"{name}({', '.join(integer(scope, depth - 1) for _ in range(scope.functions[name]))})"
        case "attribute":
            return f"{scope.one('object')}.total"
        case "total":
            return f"int({scope.one('frame')}['a'].sum())"
        case "element":
            return f"int({scope.one('array')}.ravel()[0]) % 997"
    return str(scope.number())


SUMMARIES = {
    "int": "print('{0}', {0})",
    "constant": "print('{0}', {0})",
    "list": "print('{0}', {0})",
    "nested": "print('{0}', {0})",
    "dict": "print('{0}', {0})",
    "text": "print('{0}', {0})",
    "tuple": "print('{0}', {0})",
    "set": "print('{0}', sorted({0}))",
    "deque": "print('{0}', list({0}), {0}.maxlen)",
    "counter": "print('{0}', sorted({0}.items()))",
    "frame": "print('{0}', {0}.to_dict('list'), [str(one) for one in {0}.dtypes], list({0}.index))",
    "array": "print('{0}', {0}.tolist(), {0}.dtype)",
    "object": "print('{0}', sorted(vars({0}).items()), type({0}).shared)",
    "closure": "print('{0}', {0}())",
    "iterator": "print('{0}', list({0}))",
    "stream": "print('{0}', {0}.random())",
    "generator": "print('{0}', {0}.integers(1000))",
    "axes": "print('{0}', {0}.get_title(), [list(line.get_ydata()) for line in {0}.lines])",
    "lines": "print('{0}', list({0}))",
    "function": "print('{0}', {0}(3))",
}


def summary(scope: Scope) -> list[str]:
    """Statements that print all that is bound, deep."""
    lines = [SUMMARIES[kind].format(name) for name, kind in scope.kinds.items()]
    groups = {kind: scope.of(kind) for kind in ("list", "dict", "frame", "array", "object", "nested")}
    for names in groups.values():
        lines += [f"print({one} is {other})" for one, other in pairwise(names)]
    arrays = groups["array"]
    lines += [f"print(np.shares_memory({one}, {two}))" for one, two in pairwise(arrays)]
    for name in groups["nested"]:
        lines += [f"print([{one} is {other} for {one} in {name} for {other} in [{target}]])"
                  for target in groups["list"][:3] for one, other in [("p", "q")]]  # fmt: skip
    lines += [f"print(open('{name}').read())" for name in scope.files]
    lines += ["print(random.random())"] if "import random" in scope.imports else []
    lines += ["print(np.random.rand())"] if "import numpy as np" in scope.imports else []
    return lines or ["print('nothing')"]


def write_notebook(seed: int) -> Written:
    """The notebook of this seed."""
    scope = Scope(random.Random(seed))
    cells: list[str] = []
    for number in range(scope.rng.randint(6, 14)):
        cells += [f"{MARKDOWN}## Part {number}"] * (scope.rng.random() < 0.4)
        cells += _cell(scope)
    cells.append("\n".join(summary(scope)))
    return Written(tuple(cells), scope.used)


def _cell(scope: Scope) -> Iterator[str]:
    lines: list[str] = []
    for _ in range(scope.rng.randint(1, 4)):
        chosen = _choose(scope)
        written = chosen.write(scope)
        scope.settle()
        scope.used[chosen.name] += 1
        if chosen.alone:
            yield from ["\n".join(part) for part in (scope.needed, lines) if part]
            yield "\n".join(written)
            lines, scope.needed = [], []
        else:
            lines += written
    if scope.needed or lines:
        yield "\n".join([*scope.needed, *lines])
        scope.needed = []


def _choose(scope: Scope) -> Production:
    possible = [one for one in PRODUCTIONS if all(scope.of(kind) for kind in one.needs)]
    return scope.rng.choices(possible, [one.weight for one in possible])[0]


def as_notebook(cells: tuple[str, ...]) -> dict[str, Any]:
    """The notebook file of these cells."""
    made = [_cell_of(number, cell) for number, cell in enumerate(cells)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": made}


def _cell_of(number: int, cell: str) -> dict[str, Any]:
    if cell.startswith(MARKDOWN):
        text = cell.removeprefix(MARKDOWN)
        return {"cell_type": "markdown", "id": f"c{number}", "metadata": {}, "source": text}
    code: dict[str, Any] = {"outputs": [], "execution_count": None, "source": cell}
    return {"cell_type": "code", "id": f"c{number}", "metadata": {}, **code}
