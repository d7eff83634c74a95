"""What doing a computation again on its own result does: the same, something else, or a failure."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from nb2pipe.analysis.catalogue import Catalogue
from nb2pipe.analysis.tracing import Thing, ancestors

FAILS, DIFFERS, SAME = "fails", "gives another result", ""
OUTCOMES = {"fails": FAILS, "differs": DIFFERS, "joins": DIFFERS}
# Doing these again changes nothing: `mask & other`, `names | more`, `angle % 360`.
IDEMPOTENT = frozenset(("BitOr", "BitAnd", "Mod", "UAdd"))
# They call a function of the notebook on what they are made from.
APPLYING = frozenset("map apply applymap pipe transform agg filter".split())
# What is shifted or divided by these once has 0 or 1 for them from then on.
SCALES = frozenset("max min amax amin ptp mean median std sum norm nanmean nanmedian nanstd average".split())
LIMIT = 200


@dataclass(slots=True)
class Repetition:
    """A walk from a value back to what it was computed from, within one cell: what others computed stays."""

    know: Catalogue
    is_start: Callable[[Thing], bool]
    is_older: Callable[[Thing], bool]  # whether an earlier cell gave it a name
    is_fitted: Callable[[Thing], bool]  # whether an earlier cell fitted it
    is_rebound: Callable[[Thing], bool] = lambda _: False  # whether the cell gives its name to another
    seen: dict[int, str | None] = field(default_factory=dict)
    is_converted: bool = False  # whether it became something without the same methods: `d.values`

    def of(self, one: Thing) -> str | None:
        """What it does to do the computation of this value again; None where the start is no part of it."""
        if id(one) not in self.seen and len(self.seen) < LIMIT:
            self.seen[id(one)] = None
            self.seen[id(one)] = self._of(one)
        return self.seen.get(id(one))

    def _of(self, one: Thing) -> str | None:
        if self.is_start(one):
            return SAME
        if one.alts:
            return None if self.is_older(one) else _worst(self.of(other) for other in one.alts)
        if one.kind != "value" or not one.sources or self.is_older(one):
            return None
        match one.origin:
            case "operator" | "augmented":
                return self._of_operator(one)
            case "item" | "located":
                return self._of_item(one)
            case "text" | "comparison":
                return _changed(map(self.of, one.sources), DIFFERS)
            case "display":  # `[*rows, last]` gets longer, `[*rows]` does not
                found = _worst(map(self.of, one.sources))
                return found if found is None or not one.keyed else DIFFERS
            case "comprehension" | "generator":
                return self._of_comprehension(one)
            case "element" | "part":
                return self.of(one.sources[0])
            case _:
                return self._of_call(one)

    def _of_call(self, one: Thing) -> str | None:
        last = one.origin.rpartition(".")[2]
        label = self.know.again(one.origin, one.given)
        if last in APPLYING and len(one.sources) > 1:
            return self._of_applying(one, last)
        if label == "joins":
            return _changed(map(self.of, _joined(one)), DIFFERS)
        row = [self.of(source) for source in one.sources[:2] if source.origin != "comparison"]
        if label and last == "drop" and any(map(_chooses_rows, one.sources[1:])):
            return row[0]  # `d.drop(d[d.a > 1].index)`: then there are no such rows
        if label == "converts":
            self.is_converted = self.is_converted or bool(row and row[0] is not None)
            return row[0]
        if label and (last != "join" or len(one.sources) > 1):
            return _changed(row, OUTCOMES[label])
        if last in ("assign", "with_columns", "withColumn"):
            own = self._of_columns(one) if row and row[0] is not None else None
            return _worst([*row[:1], own])
        if last in ("rename", "set_axis") and any(map(self.renames, one.sources[1:])):
            return _changed(row[:1], DIFFERS)
        return next((found for found in row if found is not None), None)

    def _of_comprehension(self, one: Thing) -> str | None:
        """`[f(row) for row in rows]`: what is done to the elements, where the rows are the start."""
        *rows, made = one.sources
        found = _worst(map(self.of, rows))
        if found is None:
            return self.of(made)
        parts = {id(part) for row in rows for part in (*(row.parts or ()), *(row.keyed or {}).values())}

        def is_element(thing: Thing) -> bool:
            return (
                thing.origin == "element" or id(thing) in parts or any(id(two) in parts for two in thing.alts)
            )

        return found or Repetition(self.know, is_element, self.is_older, self.is_fitted).of(made) or SAME

    def _of_applying(self, one: Thing, last: str) -> str | None:
        """`d.map(f)`, `map(f, d)`, `scaler.transform(d)`."""
        receiver, second = one.sources[:2]
        if one.origin in ("map", "filter"):
            receiver, second = second, receiver
        found = self.of(receiver)
        if last == "transform" and self.of(second) is not None and found is None:
            return DIFFERS if self.is_fitted(receiver) else self.of(second)
        if found is None or last == "filter":
            return found
        if second.kind in ("function", "name", "bound"):
            return found or (DIFFERS if computes(self.know, second) else SAME)
        return DIFFERS if last == "map" else found

    def _of_columns(self, one: Thing) -> str | None:
        """`d.assign(a=d.a + 1)`, `d.with_columns(pl.col("a") * 2)`: a column that is computed from itself."""
        frame, first = one.sources[0], one.given.get(0)
        names: list[object] = [name for name in one.given if isinstance(name, str)]
        if isinstance(first, str):
            names = [first]
        found = []
        for source in one.sources[1:]:
            for name in names or [_column_named(source)]:
                own = Repetition(self.know, column_is(frame, name), self.is_older, self.is_fitted)
                is_own = source.kind == "function" and computes_column(source, name)
                found.append(DIFFERS if is_own else own.of(source))
        return _worst(found)

    def renames(self, one: Thing) -> bool:
        """`lambda c: "x_" + c`, `{c: "x_" + c for c in d}`."""
        if one.kind in ("function", "name"):
            return computes(self.know, one)
        made = one.sources[-1] if one.origin == "comprehension" else None
        return made is not None and made.origin in ("operator", "text")

    def _of_operator(self, one: Thing) -> str | None:
        name = str(one.given.get("op", ""))
        row = [self.of(source) for source in one.sources]
        if all(found is None for found in row):
            return None
        if name in IDEMPOTENT:
            return _worst(row)
        if name in ("Div", "Sub") and len(row) == 2 and self.is_scale(one.sources[1]):
            return row[0] if row[0] is not None else DIFFERS
        return DIFFERS

    def is_scale(self, one: Thing) -> bool:
        """`x.max()`, `x.std()`, or the difference of two: what is scaled by it once stays as it is."""
        if one.origin == "operator":
            return len(one.sources) == 2 and all(map(self.is_scale, one.sources))
        return one.origin.rpartition(".")[2] in SCALES and any(
            self.of(source) is not None or self.is_rebound(source) for source in one.sources[:1]
        )

    def _of_item(self, one: Thing) -> str | None:
        found = self.of(one.sources[0])
        if found is None or found:
            return found
        return _of_key(one.sources[1] if len(one.sources) > 1 else None, one.given.get(0, ...))


def _chooses_rows(thing: Thing) -> bool:
    """`d[d.a > 1].index`."""
    return any(one.origin.endswith(".index") for one in ancestors(thing, 6))


def _worst(found: Iterable[str | None]) -> str | None:
    """The outcome that changes something, where one does."""
    known = [one for one in found if one is not None]
    return next((one for one in known if one), SAME) if known else None


def _changed(found: Iterable[str | None], outcome: str) -> str | None:
    worst = _worst(found)
    return None if worst is None else worst or outcome


def _joined(one: Thing) -> Iterator[Thing]:
    """What a call puts together: the elements of its first argument, or of the key of `np.r_[...]`."""
    parts = one.sources[1:2] if one.origin.endswith("__getitem__") else one.sources[:1]
    for part in parts:
        yield from part.parts or (part,)
        yield from (part.keyed or {}).values()


def _of_key(key: Thing | None, known: object) -> str:
    """What taking the same item again does."""
    if isinstance(known, (bool, list)):
        return SAME
    if isinstance(known, str):
        return FAILS
    if isinstance(known, int) or known is None:
        return DIFFERS
    if isinstance(known, slice):
        return DIFFERS if _cuts(known) else SAME
    if isinstance(known, tuple):
        return _worst(_of_key(None, one) for one in known) or SAME
    parts = key.keyed if key is not None and key.type == "tuple" else None
    return _worst(_of_key(None, one.const) for one in (parts or {}).values()) or SAME


def _cuts(piece: slice) -> bool:
    """`[1:]`, `[:-1]`, `[::-1]`: each time it takes something away, or turns it round."""
    if isinstance(piece.start, str) or isinstance(piece.stop, str):
        return False
    is_short = isinstance(piece.stop, int) and piece.stop < 0
    return piece.start not in (0, None) or is_short or piece.step not in (1, None)


def computes(know: Catalogue, function: Thing) -> bool:
    """Whether a function that is handed over does something else to its own result: `np.log`, `lambda v: v * 2`."""
    if function.kind == "name":
        return know.again(function.origin) != ""
    node = function.node
    if not isinstance(node, (ast.Lambda, ast.FunctionDef)) or not node.args.args:
        return False
    name = node.args.args[0].arg
    if isinstance(node, ast.Lambda):
        return _computes(node.body, name)
    returned = [leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Return) and leaf.value]
    return bool(returned) and all(_computes(one, name) for one in returned)


def _column_named(expression: Thing) -> object:
    """The column that an expression is about: `a` for `pl.col("a") * 2`."""
    one = expression
    while one.sources and one.origin.rpartition(".")[2] not in ("col", "alias"):
        one = one.sources[0]
    return one.given.get(0, ...)


def computes_column(function: Thing, name: object) -> bool:
    """`lambda d: d.a / 2` for the column `a`."""
    node = function.node
    if not isinstance(node, ast.Lambda) or not node.args.args:
        return False
    own = {f"{node.args.args[0].arg}.{name}", f"{node.args.args[0].arg}[{name!r}]"}
    return is_arithmetic_with(node.body, own)


def is_arithmetic_with(node: ast.expr, texts: set[str]) -> bool:
    """Whether an expression computes with one of these: `d.a / 2`, `2 * (d.a + 1)`."""
    return any(
        isinstance(one, ast.BinOp)
        and type(one.op).__name__ not in IDEMPOTENT
        and any(ast.unparse(side) in texts for side in (one.left, one.right))
        for one in ast.walk(node)
    )


def _computes(node: ast.expr, name: str) -> bool:
    match node:
        case ast.BinOp(left=left, op=operator, right=right):
            is_plain = any(isinstance(one, ast.Name) and one.id == name for one in (left, right))
            inner = _computes(left, name) or _computes(right, name)
            return inner or (is_plain and type(operator).__name__ not in IDEMPOTENT)
        case ast.JoinedStr(values=values):
            pieces = [one.value for one in values if isinstance(one, ast.FormattedValue)]
            return any(isinstance(one, ast.Name) and one.id == name for one in pieces)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="split")):
            return owner == name
        case ast.Call(func=ast.Attribute(value=receiver)):
            return _computes(receiver, name)
        case ast.Subscript(value=ast.Name(id=owner), slice=ast.Slice(lower=ast.Constant(value=int(low)))):
            return owner == name and low != 0
        case ast.Subscript(value=inner_value):
            return _computes(inner_value, name)
        case _:
            return False


def column_is(frame: Thing, key: object) -> Callable[[Thing], bool]:
    """Whether a thing is this column (or element) of a frame, read before it is set."""

    def is_column(one: Thing) -> bool:
        is_of_frame = frame in one.sources[:1] or one.origin in ("polars.col", "pyspark.sql.functions.col")
        return is_of_frame and key is not ... and (key_of(one) == key or one.origin == f".{key}")

    return is_column


def key_of(one: Thing) -> object:
    """The literal column or element that an item is: `d['a']`, `d.a`, `d.loc[rows, 'a']`; `...` for another."""
    if one.origin == "located" and len(one.sources) > 1:
        return column_in(one.sources[1])
    return one.given.get(0, ...)


def column_in(key: Thing) -> object:
    """The column of a key like `rows, 'a'`."""
    column = (key.keyed or {}).get(1)
    return column.const if column is not None else key.const
